"""zhengban import: folders of everything, what is faulty in them, and starting again after a break."""

from __future__ import annotations

import gzip
import shutil
import zlib
from pathlib import Path

import pytest
from foreign_documents import FUSION_XML, OCS_XML, deb, glpi
from inventories import document, package
from recorded_machine import CAPTURES
from shell import Shell

TAG = (
    '<SoftwareIdentity xmlns="http://standards.iso.org/iso/19770/-2/2015/schema.xsd" name="{name}" tagId="{name}-1" '
    'version="1.0"{more}>'
    '<Entity name="Acme" regid="acme.example" role="tagCreator softwareCreator"/></SoftwareIdentity>'
)
SCCM = "Netbios_Name0,ARPDisplayName0,ProductVersion0\nCW-022,AutoCAD 2022,24.1\nCW-023,Visio 2019,16.0\n"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "work").mkdir()
    return Shell(tmp_path / "work")


def write(folder: Path, name: str, data: bytes | str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)


def test_a_folder_of_everything_is_taken_and_again(shell: Shell) -> None:
    folder = shell.folder / "all"
    write(folder, "own.json", document([package("bash")], name="own-1", serial="OWN11111", mac_addresses=()))
    write(folder, "glpi/one.json", glpi([deb("bash")]))
    write(folder, "glpi/two.xml", FUSION_XML)
    write(folder, "ocs/three.ocs", zlib.compress(OCS_XML.encode("gb2312")))
    write(
        folder,
        "ocs/four.xml.gz",
        gzip.compress(OCS_XML.replace("SC-101", "SC-102").replace("PF2Z", "PF2Y").encode("gb2312")),
    )
    write(folder, "sccm.csv", SCCM)
    write(folder, "tags/pc-7/a.swidtag", TAG.format(name="AcmeCAD", more=""))
    write(folder, "tags/pc-7/b.swidtag", TAG.format(name="AcmeFix", more=' corpus="true"'))
    write(folder, "broken.xml", "<REQUEST><QUERY>INVENTORY</QUERY>")
    write(folder, "readme.md", "not one of ours")

    out, err = shell("import", "all", code=3)
    assert out.splitlines()[-1] == "8 份已入库，1 份被拒收 / 8 kept, 1 refused"
    assert [line.split(": ")[0].rpartition("/")[2] for line in out.splitlines()[:-1]] == [
        "one.json", "two.xml", "four.xml.gz", "three.ocs", "own.json", "sccm.csv", "sccm.csv", "tags",
    ]  # fmt: skip
    assert "all/broken.xml: inventory refused: expected XML" in err
    assert "a corpus tag is no installed software" in err

    again, _ = shell("import", "all", code=3)
    assert (
        again.splitlines()[-1]
        == "8 份已入库，其中 8 份早已入库，1 份被拒收 / 8 kept, 8 of them were there before, 1 refused"
    )


@pytest.mark.slow
def test_a_folder_that_the_batch_file_wrote_goes_through_the_agents_own_parsers(shell: Shell) -> None:
    shutil.copytree(CAPTURES / "windows-collected", shell.folder / "usb" / "windows-collected")
    out, _ = shell("import", "usb")
    assert out.splitlines()[-1] == "1 份已入库，0 份被拒收 / 1 kept, 0 refused"
    again, _ = shell("import", str(Path("usb") / "windows-collected"))
    assert "1 of them were there before" in again

    listed, _ = shell("titles", "list", "--format", "json")
    assert '"uninstall_keys"' in listed


def test_the_machine_and_the_mapping_may_be_named(shell: Shell) -> None:
    shell.file("list.csv", "Programm;Stand\nPhotoshop;2024\n")
    shell.file("map.yaml", "columns: {软件名称: Programm, 版本: Stand}\n")
    out, _ = shell("import", "list.csv", "--mapping", "map.yaml", "--machine", "CW-099")
    assert "1 kept, 0 refused" in out
    machines, _ = shell("machines", "list", "--format", "json")
    assert '"CW-099"' in machines


FAULTY = (
    ("a.json", b'{"deviceid": "x", "content": 7}', "content: expected an object"),
    ("b.json", b"{}", "contract: expected a version such as 1.0, got nothing"),
    ("c.json", b'{"a"', "expected JSON in UTF-8"),
    ("d.bin", b"\0\1\2\3", "expected an inventory, an export or one of"),
    ("e.xml", b"<bom/>", "XML with the element bom"),
    ("f.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><REQUEST>&b;</REQUEST>', "without DOCTYPE and entities"),
    ("g.csv", b"a,b\n1,2\n", "expected headings such as Computer Name"),
    ("h.swidtag", b"<SoftwareIdentity/>", "expected a SWID tag: no name"),
    ("i.gz", gzip.compress(b"x")[:-4], "breaks off"),
)


def test_each_unreadable_file_is_told_with_what_was_expected(shell: Shell) -> None:
    for name, data, _ in FAULTY:
        write(shell.folder, name, data)
    out, err = shell("import", *(name for name, _, _ in FAULTY), code=3)

    told = {line.split(": ")[0]: line for line in err.splitlines()}
    assert sorted(told) == [name for name, _, _ in FAULTY]
    assert [fault for name, _, fault in FAULTY if fault not in told[name]] == []
    assert out == "0 份已入库，9 份被拒收 / 0 kept, 9 refused\n"


def test_a_mapping_that_is_none_is_wrong_usage_before_anything_is_taken(shell: Shell) -> None:
    shell.file("list.csv", SCCM)
    _, err = shell("import", "list.csv", "--mapping", "none.yaml", code=3)
    assert "none.yaml: 应为表头对应文件 / expected a header mapping" in err
