"""Texts whose encoding nobody wrote down, in the code pages that Windows prints in."""

from __future__ import annotations

import pytest
from mutation import mutations

from agent.formats.console_text import decode_text
from agent.formats.registry_export import RegistryExport

TEXTS = {
    "gb18030": ["金山毒霸 企业版", "许可证状态: 已授权", "微信", "搜狗拼音输入法 9.7"],
    "cp1251": ["Проводник", "КриптоПро CSP Компания КриптоПро"],
    "cp866": ["Состояние лицензии: имеет лицензию"],
    "cp932": ["ライセンスの状態: ライセンスされています", "一太郎 2020 ジャストシステム", "弥生会計 ソフト"],
    "cp1252": ["État de la licence : avec licence", "für Größe", "Instalación del programa español", "ORDI-DE-GONÉRI"],
    "utf-8-sig": ["任意 テキスト текст"],
    "utf-16-le": ["任意 テキスト"],
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(encoding, text) for encoding, texts in TEXTS.items() for text in texts]
)
def test_the_code_page_is_told_by_the_letters(encoding: str, text: str) -> None:
    data = text.encode("utf-16" if encoding == "utf-16-le" else encoding)
    assert decode_text(data) == (text, encoding)


@pytest.mark.parametrize("encoding", ["cp932", "cp1251", "gb18030"])
def test_an_old_export_in_the_code_page_of_its_machine(encoding: str) -> None:
    name = {"cp932": "弥生会計 ソフト", "cp1251": "КриптоПро", "gb18030": "用友财务软件"}[encoding]
    export = f'REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\X]\r\n"DisplayName"="{name}"\r\n'.encode(encoding)
    key = RegistryExport(export).key("HKLM\\SOFTWARE\\X")
    assert key is not None and key.values == {"DisplayName": name}


def test_bytes_that_make_no_sense_never_raise() -> None:
    for encoding, texts in TEXTS.items():
        for damaged in mutations(texts[0].encode("utf-16" if encoding == "utf-16-le" else encoding) * 20, 100):
            assert isinstance(decode_text(damaged)[0], str)
    assert decode_text(b"") == ("", "utf-8-sig")
