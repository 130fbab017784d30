"""凭证: what a file is, its bytes say. PDF, JPEG and OFD up to 20 MB are taken, nothing else.

Source of the forms: ISO 32000-1 7.5.2 (header and end of a PDF), ITU-T T.81 annex B (markers of a JPEG),
GB/T 33190-2016 (an OFD is a ZIP with OFD.xml at its root). What a PDF draws is not judged.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from auditor.errors import AuditorError, both

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_MEMBERS = 10_000
PDF_TAIL_BYTES = 2048
EXECUTABLE = {
    b"MZ": "Windows",
    b"\x7fELF": "Linux",
    b"\xca\xfe\xba\xbe": "Java/macOS",
    b"\xcf\xfa\xed\xfe": "macOS",
    b"\xfe\xed\xfa\xce": "macOS",
    b"\xfe\xed\xfa\xcf": "macOS",
    b"#!": "script",
}
RUNNABLE = re.compile(
    r"\.(exe|dll|com|scr|pif|msi|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|lnk|jar|sh|elf|so|dylib|apk|app|deb|rpm)$",
    re.IGNORECASE,
)


class PaperKind(StrEnum):
    """许可证书, 合同, 发票, 授权书, 划转文件, 处置文件, 其他."""

    CERTIFICATE = "certificate"
    CONTRACT = "contract"
    INVOICE = "invoice"
    AUTHORISATION = "authorisation"
    TRANSFER = "transfer"
    DISPOSAL = "disposal"
    OTHER = "other"


KINDS = {
    "许可证书": PaperKind.CERTIFICATE,
    "合同": PaperKind.CONTRACT,
    "发票": PaperKind.INVOICE,
    "授权书": PaperKind.AUTHORISATION,
    "划转文件": PaperKind.TRANSFER,
    "处置文件": PaperKind.DISPOSAL,
    "其他": PaperKind.OTHER,
    **{kind.value: kind for kind in PaperKind},
}


@dataclass(frozen=True)
class CheckedPaper:
    """A file that is what it says: its media type and the ending that its name must have."""

    media_type: str
    endings: tuple[str, ...]


PDF = CheckedPaper("application/pdf", (".pdf",))
JPEG = CheckedPaper("image/jpeg", (".jpg", ".jpeg"))
OFD = CheckedPaper("application/ofd", (".ofd",))


def check_paper(data: bytes, file_name: str) -> CheckedPaper:
    """Return what a file is. Raises `AuditorError` that says why it is not taken."""
    if not data:
        raise _refused(file_name, "文件为空", "the file is empty")
    if len(data) > MAX_BYTES:
        raise _refused(
            file_name, f"应不超过 {MAX_BYTES >> 20} MB", f"expected at most {MAX_BYTES} bytes, got {len(data)}"
        )
    system = next((system for start, system in EXECUTABLE.items() if data.startswith(start)), None)
    if system is not None:
        raise _refused(file_name, f"是可执行文件（{system}），拒收", f"an executable ({system}); not taken")
    found = _kind_of(data, file_name)
    if PurePath(file_name).suffix.casefold() not in found.endings:
        wanted = " / ".join(found.endings)
        zh, en = (
            f"内容是 {found.media_type}，文件名应以 {wanted} 结尾",
            f"holds {found.media_type}; expected a name in {wanted}",
        )
        raise _refused(file_name, zh, en)
    return found


def _kind_of(data: bytes, file_name: str) -> CheckedPaper:
    if data.startswith(b"%PDF-"):
        return _checked_pdf(data, file_name)
    if data.startswith(b"\xff\xd8\xff"):
        return _checked_jpeg(data, file_name)
    if data.startswith(b"PK\x03\x04"):
        return _checked_ofd(data, file_name)
    raise _refused(
        file_name, "应为 PDF、JPG 或 OFD 文件（按内容判断）", "expected a PDF, JPG or OFD file, by its content"
    )


def _checked_pdf(data: bytes, file_name: str) -> CheckedPaper:
    if not re.match(rb"%PDF-[12]\.\d", data) or b"%%EOF" not in data[-PDF_TAIL_BYTES:]:
        raise _refused(file_name, "PDF 不完整（缺少文件尾）", "a PDF that is cut off: no %%EOF at its end")
    return PDF


def _checked_jpeg(data: bytes, file_name: str) -> CheckedPaper:
    """Walk the markers up to the start of the picture; a frame must stand before it and the end mark behind."""
    place, has_frame = 2, False
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if length < 2:
            break
        has_frame = has_frame or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC))
        if marker == 0xDA:
            if has_frame and data.rfind(b"\xff\xd9") > place:
                return JPEG
            break
        place += 2 + length
    raise _refused(file_name, "JPG 不完整或已损坏", "a JPEG that is cut off or damaged")


def _checked_ofd(data: bytes, file_name: str) -> CheckedPaper:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
                raise _refused(file_name, "OFD 解压后过大", f"expected at most {MAX_UNPACKED_BYTES} bytes unpacked")
            runnable = next((member.filename for member in members if RUNNABLE.search(member.filename)), None)
            if runnable is not None:
                raise _refused(
                    file_name, f"其中有可执行文件 {runnable}，拒收", f"holds the executable {runnable}; not taken"
                )
            if not any(member.filename == "OFD.xml" for member in members):
                raise _refused(file_name, "应为 OFD 文件（压缩包内没有 OFD.xml）", "expected an OFD: no OFD.xml inside")
            with packed.open("OFD.xml") as root:
                head = root.read(64 * 1024)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise _refused(file_name, "OFD 已损坏", f"a damaged OFD: {error}") from error
    if re.search(rb"<(?:\w+:)?OFD[\s>]", head) is None:
        raise _refused(file_name, "OFD.xml 的根元素应为 OFD", "expected the root element OFD in OFD.xml")
    return OFD


def _refused(file_name: str, zh: str, en: str) -> AuditorError:
    return AuditorError(f"{file_name}: {both(zh, en)}")
