"""SWID tags of both editions of the standard, on Linux, macOS and Windows."""

from __future__ import annotations

from pathlib import Path

import pytest
from machine_folder import found_on, problems, scopes, software

from agent.collectors.anywhere.swid_tags import SWID_TAGS
from agent.collectors.anywhere.swid_tags import parse_file as read_tag
from agent.formats.safe_xml import XmlFault, read_xml

TAG = """<?xml version="1.0" encoding="utf-8"?>
<SoftwareIdentity xmlns="http://standards.iso.org/iso/19770/-2/2015/schema.xsd" xml:lang="zh-CN" name="中望CAD 2024"
    tagId="com.zwsoft.zwcad-2024" version="24.20" versionScheme="multipartnumeric"{more}>
  <Entity name="广州中望龙腾软件股份有限公司" regid="zwsoft.com" role="softwareCreator licensor"/>
  <Entity name="某系统集成公司" regid="example.cn" role="tagCreator"/>
  <Meta product="中望CAD" colloquialVersion="2024" edition="专业版"/>
  <Payload><Directory name="bin"><File name="zwcad" size="1"/></Directory></Payload>
</SoftwareIdentity>
"""


def test_a_tag_of_2015() -> None:
    (record,) = software(list(read_tag(TAG.format(more="").encode(), "t")))
    assert (record.name, record.version, record.identifier) == ("中望CAD 2024", "24.20", "com.zwsoft.zwcad-2024")
    assert (record.publisher, record.origin) == ("广州中望龙腾软件股份有限公司", "某系统集成公司")
    assert (record.edition, record.language, record.update, record.release_type) == ("专业版", "zh-CN", None, None)


@pytest.mark.parametrize(("kind", "update"), [("patch", True), ("corpus", None), ("supplemental", None)])
def test_kinds_of_tags(kind: str, update: bool | None) -> None:
    (record,) = software(list(read_tag(TAG.format(more=f' {kind}="true"').encode(), "t")))
    assert (record.release_type, record.update) == (kind, update)


def test_a_tag_of_2009_as_adobe_writes_them() -> None:
    text = """<?xml version="1.0" encoding="UTF-8"?>
<swid:software_identification_tag xmlns:swid="http://standards.iso.org/iso/19770/-2/2009/schema.xsd">
  <swid:entitlement_required_indicator>true</swid:entitlement_required_indicator>
  <swid:product_title>Acrobat DC</swid:product_title>
  <swid:product_version><swid:name>15.007.20033</swid:name>
    <swid:numeric><swid:major>15</swid:major><swid:minor>7</swid:minor></swid:numeric></swid:product_version>
  <swid:software_creator><swid:name>Adobe Systems Incorporated</swid:name></swid:software_creator>
  <swid:software_id><swid:unique_id>Acrobat-DC-Win-GM-MUL</swid:unique_id></swid:software_id>
  <swid:license_linkage><swid:activation_status>activated</swid:activation_status>
    <swid:channel_type>VOLUME</swid:channel_type></swid:license_linkage>
  <swid:serial_number>9707000000000000000001</swid:serial_number>
</swid:software_identification_tag>"""
    (record,) = software(list(read_tag(text.encode(), "t")))
    assert (record.name, record.version, record.publisher) == (
        "Acrobat DC",
        "15.007.20033",
        "Adobe Systems Incorporated",
    )
    assert (record.identifier, record.licence_channel) == ("Acrobat-DC-Win-GM-MUL", "VOLUME")
    assert "97070" not in repr(record)


def test_who_wrote_the_tag_is_not_who_made_the_software() -> None:
    text = TAG.format(more="").replace("softwareCreator licensor", "licensor")
    (record,) = software(list(read_tag(text.encode(), "t")))
    assert (record.publisher, record.origin) == (None, "某系统集成公司")


@pytest.mark.parametrize(
    "data",
    [b"", b"<x/>", b"<SoftwareIdentity/>", b"<SoftwareIdentity name=''/>", b"torn <SoftwareIdentity name='a'",
     b"<!DOCTYPE x [<!ENTITY a 'b'>]><SoftwareIdentity name='&a;'/>", b"<software_identification_tag/>"],
)  # fmt: skip
def test_what_is_no_tag(data: bytes) -> None:
    found = list(read_tag(data, "t"))
    assert software(found) == [] and len(problems(found)) == 1


@pytest.mark.parametrize("codec", ["gbk", "gb18030", "gb2312", "big5", "shift_jis", "euc-kr", "utf-16", "utf-8"])
def test_tags_in_the_encodings_of_east_asia(codec: str) -> None:
    name = {"shift_jis": "日本語版", "euc-kr": "한글", "big5": "繁體中文"}.get(codec, "中文软件")
    text = f'<?xml version="1.0" encoding="{codec}"?><SoftwareIdentity name="{name}" version="1"/>'
    (record,) = software(list(read_tag(text.encode(codec), "t")))
    assert record.name == name


def test_an_encoding_that_nobody_knows_is_refused() -> None:
    with pytest.raises(XmlFault):
        read_xml(b'<?xml version="1.0" encoding="x-none"?><a/>')


def test_tags_of_a_linux_machine(tmp_path: Path) -> None:
    files = {
        "/usr/lib/swidtag/zwsoft.com/zwcad.swidtag": TAG.format(more=""),
        "/usr/lib/swidtag/zwsoft.com/medium.swidtag": TAG.format(more=' corpus="true"'),
        "/usr/lib/swidtag/zwsoft.com/readme.txt": "no tag",
        "/var/lib/swidtag/torn.swidtag": "<SoftwareIdentity",
    }
    found = found_on(SWID_TAGS, tmp_path, files)

    assert scopes(found) == ["swid_tags:/usr/lib/swidtag", "swid_tags:/var/lib/swidtag"]
    assert [s.name for s in software(found)] == ["中望CAD 2024"]
    assert [where for where, _ in problems(found)] == ["/var/lib/swidtag/torn.swidtag"]


def test_of_the_shared_folder_of_a_mac_only_the_tags_folders_are_looked_into(tmp_path: Path) -> None:
    support = "/Library/Application Support"
    files = {
        "/Applications/keep": "",
        f"{support}/regid.1986-12.com.adobe/a.swidtag": TAG.format(more=""),
        f"{support}/Somebody/private.swidtag": TAG.format(more=""),
    }
    found = found_on(SWID_TAGS, tmp_path, files)
    assert scopes(found) == [f"swid_tags:{support}/regid.1986-12.com.adobe"]
    assert len(software(found)) == 1


def test_tags_of_a_windows_machine(tmp_path: Path) -> None:
    files = {"/Windows/System32/keep": "", "/ProgramData/regid.1991-06.com.microsoft/win.swidtag": TAG.format(more="")}
    found = found_on(SWID_TAGS, tmp_path, files)
    assert [s.seen_at for s in software(found)] == ["C:\\ProgramData\\regid.1991-06.com.microsoft\\win.swidtag"]
