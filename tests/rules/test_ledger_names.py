"""Names as people write them into ledgers, and what they mean; what is not certain stays unknown."""

from __future__ import annotations

import pytest
from made_once import shipped

from rules.catalogue import Catalogue
from rules.ledger_names import LedgerName, LedgerNames, edition_of, folded, line_of, words_of
from rules.product import Category, Edition, Kind, LicenceClass, Licensing, Product, Publisher, ReleaseLine

KNOWN = [
    ("奇安信天擎终端安全管理系统 100点", None, "qianxin/tianqing", None, None),
    ("Microsoft Office 2016 专业增强版", None, "microsoft/office", "professional-plus", "2016"),
    ("Microsoft Office 专业增强版 2016", None, "microsoft/office", "professional-plus", "2016"),
    ("Office2019标准版", None, "microsoft/office", "standard", "2019"),
    ("Office 2016", None, "microsoft/office", None, "2016"),
    ("微软Office 2013 标准版", None, "microsoft/office", "standard", "2013"),
    ("MS Office 2010", None, "microsoft/office", None, "2010"),
    ("Microsoft Office LTSC 专业增强版 2021", None, "microsoft/office", "professional-plus", "2021"),
    ("Office LTSC 2021 标准版", None, "microsoft/office", "standard", "2021"),
    ("Office 专业增强版", "2019", "microsoft/office", "professional-plus", "2019"),
    ("Microsoft Office Professional Plus 2016", None, "microsoft/office", "professional-plus", "2016"),
    ("Office 365", None, "microsoft/microsoft-365", None, None),
    ("WPS Office 专业版", None, "kingsoft/wps-office", "professional", None),
    ("金山WPS Office 2019 专业增强版", None, "kingsoft/wps-office", "professional-plus", "2019"),
    ("WPS Office 2016专业版", None, "kingsoft/wps-office", "professional", "2016"),
    ("WPS2019专业版", None, "kingsoft/wps-office", "professional", "2019"),
    ("WPS Office 政府版", None, "kingsoft/wps-office", "government", None),
    ("金山WPS", "2019", "kingsoft/wps-office", None, "2019"),
    ("WPS Office for Linux 专业版", None, "kingsoft/wps-office", "professional", None),
    ("Windows10专业版", None, "microsoft/windows", "pro", "10"),
    ("Windows 10 Professional OEM", None, "microsoft/windows", "pro", "10"),
    ("Windows 10 Pro", None, "microsoft/windows", "pro", "10"),
    ("Windows 10 家庭中文版", None, "microsoft/windows", "home-china", "10"),
    ("Microsoft Windows 7 专业版", None, "microsoft/windows", "pro", "7"),
    ("Windows 7 旗舰版", None, "microsoft/windows", "ultimate", "7"),
    ("Win10专业版", None, "microsoft/windows", "pro", "10"),
    ("WIN7", None, "microsoft/windows", None, "7"),
    ("Windows 11 专业版", None, "microsoft/windows", "pro", "11"),
    ("Windows 10 企业版 LTSC 2019", None, "microsoft/windows", "enterprise-ltsc", "10"),
    ("Windows 10 企业版 LTSC 2021", None, "microsoft/windows", "enterprise-ltsc", "10"),
    ("Windows Server 2016 Standard", None, "microsoft/windows-server", "standard", "2016"),
    ("Windows Server 2019 标准版", None, "microsoft/windows-server", "standard", "2019"),
    ("Windows Server 2012 R2 Datacenter", None, "microsoft/windows-server", "datacenter", "2012 R2"),
    ("Windows XP Professional", None, "microsoft/windows", "pro", "XP"),
    ("统信UOS桌面专业版V20", None, "uniontech/uos-desktop", "professional", "20"),
    ("统信桌面操作系统V20专业版", None, "uniontech/uos-desktop", "professional", "20"),
    ("统信UOS", "V20", "uniontech/uos-desktop", None, "20"),
    ("UOS", None, "uniontech/uos-desktop", None, None),
    ("统信服务器操作系统V20", None, "uniontech/uos-server", None, "20"),
    ("银河麒麟桌面操作系统V10", None, "kylinsoft/kylin-desktop", None, "V10"),
    ("银河麒麟桌面操作系统（飞腾版）V10", None, "kylinsoft/kylin-desktop", None, "V10"),
    ("银河麒麟高级服务器操作系统V10", None, "kylinsoft/kylin-server", None, "V10"),
    ("中标麒麟桌面操作系统V7.0", None, "kylinsoft/neokylin", "desktop", "V7"),
    ("中标麒麟", None, "kylinsoft/neokylin", None, None),
    ("deepin", None, "uniontech/deepin", None, None),
    ("CentOS 7", None, "centos/centos", None, "7"),
    ("Red Hat Enterprise Linux 7", None, "redhat/rhel", None, "7"),
    ("AutoCAD 2020", None, "autodesk/autocad", None, "2020"),
    ("Autodesk AutoCAD 2018 中文版", None, "autodesk/autocad", None, "2018"),
    ("AutoCAD LT 2021", None, "autodesk/autocad-lt", None, "2021"),
    ("AutoCAD", None, "autodesk/autocad", None, None),
    ("中望CAD 2021", None, "zwsoft/zwcad", None, "2021"),
    ("浩辰CAD 2020", None, "gstarsoft/gstarcad", None, "2020"),
    ("火绒终端安全管理系统", None, "huorong/huorong-enterprise", None, None),
    ("火绒终端安全管理系统V2.0", None, "huorong/huorong-enterprise", None, None),
    ("火绒安全", None, "huorong/huorong-personal", None, None),
    ("奇安信天擎终端安全管理系统", None, "qianxin/tianqing", None, None),
    ("奇安信天擎", None, "qianxin/tianqing", None, None),
    ("360终端安全管理系统", None, "qihoo/360-endpoint-security", None, None),
    ("360天擎", None, "qihoo/360-endpoint-security", None, None),
    ("360安全卫士", None, "qihoo/360-safe", None, None),
    ("瑞星杀毒软件", None, "rising/rising-antivirus", None, None),
    ("瑞星ESM", None, "rising/rising-esm", None, None),
    ("江民杀毒", None, "jiangmin/jiangmin-antivirus", None, None),
    ("金山毒霸", None, "cheetah/duba", None, None),
    ("Kaspersky Endpoint Security", None, "kaspersky/endpoint-security", None, None),
    ("Symantec Endpoint Protection", None, "broadcom/symantec-endpoint-protection", None, None),
    ("趋势科技防毒墙网络版", None, "trendmicro/apex-one", None, None),
    ("亚信安全 OfficeScan", None, "asiainfo/asiainfo-esm", None, None),
    ("深信服EDR", None, "sangfor/edr", None, None),
    ("用友U8+", None, "yonyou/u8", None, None),
    ("用友U8 V13.0", None, "yonyou/u8", None, None),
    ("用友NC", None, "yonyou/nc", None, None),
    ("用友T3", None, "chanjet/t3", None, None),
    ("金蝶K/3 WISE", None, "kingdee/k3", None, None),
    ("金蝶KIS", None, "kingdee/kis", None, None),
    ("Adobe Acrobat Pro DC", None, "adobe/acrobat", "pro", "DC"),
    ("Adobe Acrobat XI Pro", None, "adobe/acrobat", "pro", "XI"),
    ("Adobe Photoshop CC 2019", None, "adobe/photoshop", None, "2019"),
    ("Photoshop CS6", None, "adobe/photoshop", None, "CS6"),
    ("Adobe Illustrator 2020", None, "adobe/illustrator", None, "2020"),
    ("Adobe Creative Cloud", None, "adobe/creative-cloud", None, None),
    ("SQL Server 2016 标准版", None, "microsoft/sql-server", "standard", "2016"),
    ("Microsoft SQL Server 2014 Standard", None, "microsoft/sql-server", "standard", "2014"),
    ("Oracle Database 11g", None, "oracle/database", None, "11g"),
    ("达梦数据库V8", None, "dameng/dm", None, None),
    ("达梦数据库管理系统", None, "dameng/dm", None, None),
    ("人大金仓数据库", None, "kingbase/kingbasees", None, None),
    ("Navicat Premium 15", None, "premiumsoft/navicat", "premium", "15"),
    ("Visual Studio 2019 专业版", None, "microsoft/visual-studio", "professional", "2019"),
    ("Microsoft Visio 2016 专业版", None, "microsoft/visio", "professional", "2016"),
    ("Visio专业版", "2019", "microsoft/visio", "professional", "2019"),
    ("Microsoft Project 2016", None, "microsoft/project", None, "2016"),
    ("Microsoft Project 专业版 2019", None, "microsoft/project", "professional", "2019"),
    ("CorelDRAW 2020", None, "corel/coreldraw", None, "2020"),
    ("SolidWorks 2019", None, "dassault/solidworks", None, "2019"),
    ("MATLAB R2018b", None, "mathworks/matlab", None, "R2018b"),
    ("福昕高级PDF编辑器", None, "foxit/pdf-editor", None, None),
    ("福昕阅读器", None, "foxit/reader", None, None),
    ("福昕PDF编辑器企业版", None, "foxit/pdf-editor", None, None),
    ("VMware Workstation 15 Pro", None, "vmware/workstation-pro", None, "15"),
    ("广联达计价软件", None, "glodon/budget", None, None),
    ("天正建筑", None, "tangent/tarch", None, None),
    ("永中Office", None, "yozosoft/yozo-office", None, None),
    ("永中Office 2019", None, "yozosoft/yozo-office", None, "2019"),
    ("搜狗输入法", None, "sogou/sogou-pinyin", None, None),
    ("腾讯会议", None, "tencent/tencent-meeting", None, None),
    ("Snagit 2020", None, "techsmith/snagit", None, "2020"),
    ("IntelliJ IDEA", None, "jetbrains/intellij-idea", None, None),
    ("PyCharm", None, "jetbrains/pycharm", None, None),
    ("7-Zip", None, "igor-pavlov/7-zip", None, None),
    ("Google Chrome", None, "google/chrome", None, None),
    ("SPSS", None, "ibm/spss-statistics", None, None),
    ("ABBYY FineReader 14", None, "abbyy/finereader", None, "14"),
    ("Xshell 6", None, "netsarang/xshell", None, "6"),
    ("UltraEdit", None, "idm/ultraedit", None, None),
    ("Ｏｆｆｉｃｅ　２０１６（６４位）", None, "microsoft/office", None, "2016"),
    ("Microsoft Office 2016专业增强版（批量许可）", None, "microsoft/office", "professional-plus", "2016"),
    ("WPS Office 2019 for Linux（龙芯版）", None, "kingsoft/wps-office", None, "2019"),
    ("WPS Office 2019 专业增强版 3年授权", None, "kingsoft/wps-office", "professional-plus", "2019"),
    ("Windows 10/11", None, "microsoft/windows", None, None),
    ("广联达计价软件", None, "glodon/budget", None, None),
]
UNKNOWN = [
    "办公软件一批",
    "Office 培训服务",
    "AutoCAD 教程",
    "WPS 会员充值卡",
    "Windows 主题包",
    "办公软件",
    "操作系统",
    "正版软件",
    "杀毒软件",
    "Office 家庭作业管理系统",
    "Windows 7 延保服务",
    "AutoCAD 二次开发插件",
    "Office 2016 升级服务",
    "OA办公系统",
    "财务软件",
    "WPS模板",
    "Windows激活工具",
    "CAD",
    "CAD软件",
    "PDF软件",
    "数据库",
    "Photoshop 培训教材",
    "腾讯云服务器",
    "Windows 10 安装U盘",
    "用友",
    "金蝶",
    "微软",
    "Adobe",
    "360",
    "Visual C++ 教程",
    "WPS 年度维护服务费",
    "Office+Windows 打包",
    "Windows 10 专业版 + Office 2016 标准版",
    "Windows CAL",
    "Windows Server 2016 CAL",
    "SQL Server CAL",
    "Office Online Server",
    "WPS与Office培训",
    "软件一批",
    "系统软件",
    "服务器操作系统",
    "Office 许可证管理系统",
    "奇安信防火墙",
    "深信服防火墙",
    "浪潮云桌面",
    "Windows 98 主题",
    "防火墙",
    "广联达",
    "卡巴斯基",
    "Office 2019 for Mac",
    "麒麟操作系统V10",
    "Microsoft Office 2016 及 AutoCAD 2020",
    "OfficeScanner",
]


@pytest.fixture(scope="module")
def names() -> LedgerNames:
    """The names of the shipped catalogue."""
    return LedgerNames(shipped())


@pytest.mark.parametrize(("name", "version", "product", "edition", "line"), KNOWN)
def test_a_name_of_a_ledger_means_a_product(
    names: LedgerNames, name: str, version: str | None, product: str, edition: str | None, line: str | None
) -> None:
    assert names.find(name, version) == LedgerName(product, edition, line)


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_certain_stays_unknown(names: LedgerNames, name: str) -> None:
    assert names.find(name) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("WPS2019专业版", ["wps", "2019", "专", "业", "版"]),
        ("银河麒麟V10", ["银", "河", "麒", "麟", "v", "10"]),
        ("ＷＰＳ　１２．８", ["wps", "12.8"]),
        ("中标麒麟 V7.0", ["中", "标", "麒", "麟", "v", "7"]),
        ("U8+ / K/3", ["u", "8", "k", "3"]),
        ("", []),
    ],
)
def test_the_words_of_a_name(text: str, words: list[str]) -> None:
    assert words_of(text) == words
    assert folded(text) == "".join(words)


def product(product_id: str, name: str) -> Product:
    """A product that is known by one name, with two editions and two lines."""
    return Product(
        id=product_id,
        zh=name,
        en=name,
        publisher="maker",
        kind=Kind.APPLICATION,
        category=Category.OTHER,
        licensing=Licensing(LicenceClass.COMMERCIAL),
        rules=(),
        editions=(Edition("pro", "专业版", "Pro"), Edition("plus", "专业增强版", "Pro Plus")),
        lines=(ReleaseLine("V2"), ReleaseLine("V2.5")),
    )


def names_of(*products: Product) -> LedgerNames:
    """A catalogue of these products alone."""
    maker = Publisher("maker", "造物公司", "Maker Ltd", spellings=("造物",))
    return LedgerNames(Catalogue("0" * 64, {p.id: p for p in products}, {"maker": maker}, {}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("造物绘图", LedgerName("maker/draw")),
        ("绘图 2", LedgerName("maker/draw", line="V2")),
        ("绘图V2.5专业增强版", LedgerName("maker/draw", "plus", "V2.5")),
        ("绘图专业", LedgerName("maker/draw", "pro")),
        ("绘图 Pro 专业版", LedgerName("maker/draw", "pro")),
        ("绘图专业版专业增强版", None),  # two editions contradict each other
        ("绘图 V2 V2.5", LedgerName("maker/draw")),
        ("绘图3.1", LedgerName("maker/draw")),
        ("绘图企业版", None),  # no such edition: perhaps another product
        ("绘图板", None),
    ],
)
def test_what_may_stand_beside_the_name(text: str, expected: LedgerName | None) -> None:
    assert names_of(product("maker/draw", "绘图")).find(text) == expected


def test_two_products_as_likely_are_no_answer() -> None:
    both = names_of(product("maker/draw", "绘图"), product("maker/paint", "绘画"), product("other/draw", "绘图"))

    assert both.find("绘图") is None
    assert both.find("绘画") == LedgerName("maker/paint")
    assert both.find("绘图绘画") is None


def test_the_version_column_names_line_and_edition() -> None:
    known = product("maker/draw", "绘图")

    assert names_of(known).find("绘图", "V2.5 专业版") == LedgerName("maker/draw", "pro", "V2.5")
    assert names_of(known).find("绘图 V2", "V2.5") == LedgerName("maker/draw", None, "V2")
    assert line_of(known, "2") == "V2"
    assert line_of(known, "V2、V2.5") is None
    assert line_of(known, None) is None
    assert edition_of(known, "专业增强版（64位）") == "plus"
