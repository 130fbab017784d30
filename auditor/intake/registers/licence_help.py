"""What to write in each column of the ledger, in both languages, with an example: the template's page of help."""

# ruff: noqa: E501  (a column is read as a row)
from __future__ import annotations

# fmt: off
HELP: dict[str, tuple[str, str, str]] = {
    "number": ("同一序号的各行是一次采购；不填时，采购信息全部相同的行合为一项", "Rows of one number are one purchase; without it rows that agree are one", "1"),
    "unit": ("单位登记中的编码；整份台账属一个单位时可不填，导入时用 --unit", "Code in the register of units; or --unit", "JT"),
    "code": ("本单位自编，由字母、数字、-、_、. 组成；一次采购一个编号", "The unit's own code: letters, digits, - _ .", "BG-2019-01"),
    "name": ("合同或授权书上的名称", "The name on the contract or certificate", "WPS Office 专业版"),
    "software_type": ("", "", "商业软件"),
    "version": ("采购的版本", "The version bought", "2019"),
    "purchased_on": ("日期；只有年月时按当月 1 日计", "A day; a month counts as its first", "2019-03-12"),
    "amount": ("元；也可写 1.2万", "Yuan", "15800.00"),
    "licence_type": ("按合同填写：数量许可、场地许可、用户许可、网络许可、订阅等", "As the contract says", "数量许可"),
    "quantity": ("授权份数，不是介质数；不限数量写“不限”，场地授权写“场地”", "Number of rights, or 不限, 场地", "10"),
    "rights_per_pack": ("一套含多个授权时填写，默认 1；授权总数 = 许可数量 × 每套授权数", "Rights in one pack; 1 unless said", "5"),
    "allowed": ("除采购版本外可使用的版本：2016、2013；2019及以下；不限", "Versions that may be used: a list, 及以下, 不限", "2019、2016"),
    "basis": ("合同条款、降级权等；不填则按其他版本使用的列为待核实", "The clause; without it such use is 待核实", "批量许可协议降级使用权条款"),
    "term": ("永久、年数或截止日期", "永久, a number of years, or the last day", "永久"),
    "starts_on": ("授权起始日", "First day", "2024-01-01"),
    "ends_on": ("授权最后一日，含当日", "Last day, itself included", "2026-12-31"),
    "serials": ("加密保存，显示时只见末几位；多个用“、”分开；导入掩码不覆盖已登记的", "Kept encrypted, shown masked", "ABCDE-12345"),
    "source_type": ("", "", "批量许可"),
    "metric": ("不填按软件类型、许可类型和知识库推定", "Worked out where empty", "按设备"),
    "counting": ("合同约定的计量数值，各项用“；”分开", "Figures that the contract fixes", "每处理器最少=8；每服务器最少=16"),
    "bound_serials": ("随机预装必填：没有序列号的 OEM 授权不覆盖任何计算机", "Needed for OEM: the machines' serial numbers", "PF2Z0117、PF3D0459"),
    "bound_machines": ("按指定设备授权时填写计算机编号", "Named devices by 计算机编号", "JSJ-0001"),
    "bound_people": ("按指定用户授权时填写工号", "Named users by 工号", "1004、1005"),
    "sharing": ("", "", "本单位及下级"),
    "shared_with": ("共享范围为“指定单位”时填写单位编码", "The named units", "CW、GH"),
    "reservations": ("单位=数量：该单位先用，其他单位不得占用", "unit=number, used by that unit alone", "CW=50；GH=20"),
    "places": ("场地授权的地点，与计算机登记的地点一致", "Places of a site right", "一号楼"),
    "maintenance": ("起日至止日，多段用“；”分开；期内发布的版本可用", "Periods of maintenance", "2023-01-01至2024-12-31"),
    "upgrade_from": ("升级授权的基础：名称，或 产品=、版本类型=、版本线=、编号=、本机", "What an upgrade right upgrades from", "Microsoft Office 2013"),
    "downgrade": ("是、否、2级、版本=2016、2013", "是, 否, steps, or lines", "2级"),
    "downgrade_basis": ("合同条款", "The clause", "批量许可协议第 5 条"),
    "second_use": ("同一人的便携机可再装一份", "One more on a portable of the same person", "否"),
    "multi_version": ("同一台计算机上多个版本只计一份", "Versions on one device count once", "是"),
    "suite": ("必含=…；主要=…；可选=…；比例=75；个数=3", "Parts of a suite and when it applies", "必含=Microsoft Access；可选=Microsoft Word"),
    "true_up": ("可先使用、后订购", "May be used now and ordered later", "否"),
    "certified_on": ("不限数量的许可确认数量的日期", "Day on which an unlimited right is certified", "2026-12-31"),
    "transferable": ("合同禁止转让填“否”；OEM、场地授权一律不可划转", "否 where the contract forbids it", "是"),
    "personal_only": ("仅限个人使用的授权不覆盖单位的计算机", "For private use only", "否"),
    "paper": ("授权书、合同等凭证的编号；没有凭证的计入“有授权无凭证”", "Number of the paper that proves it", "SQ-2019-020"),
    "certificate": ("许可证书上的编号", "Number of the certificate", "ZS-0001"),
    "contract": ("", "Number of the contract", "HT-2019-041"),
    "invoice": ("", "Number of the invoice", "FP-2019-088"),
    "supplier": ("", "", "示例软件服务有限公司"),
    "product": ("软件知识库中的产品；不填按软件名称识别", "Product of the catalogue; from the name where empty", "kingsoft/wps-office"),
    "edition": ("软件知识库中的版本类型；不填按软件名称识别", "Edition of the catalogue", "professional"),
    "line": ("软件知识库中的版本线；不填按软件版本识别", "Release line of the catalogue", "2019"),
    "allowed_versions": ("可使用版本的文字不能表达时填写", "Where the words of 可使用版本 do not tell it", ">=12,<13"),
    "allowed_line": ("同上，知识库中的版本线", "As above, a release line", "2016"),
    "allowed_edition": ("同上，知识库中的版本类型", "As above, an edition", "professional"),
    "ordinal": ("同一软件编号有多行授权时的次序；一般不填", "Order among several rights of one code; usually empty", ""),
    "remarks": ("", "", ""),
}
# fmt: on
NOTES = {
    "zh_CN": (
        "一行一项授权。标 * 的列必填，其余列可以不填；不认识的列不读取并提示。",
        "导入先预览：zhengban licences import 文件；确认后加 --apply。有一处错误则一行也不导入，全部错误一次列出。",
        "软件使用情况汇总表原样也可导入。导出的台账改后可再导入：只有改动的行变更，历史保留，可整批撤回。",
    ),
    "en": (
        "One row a right. Columns marked * are needed; a column that is not known is told and not read.",
        "An import shows a preview first: zhengban licences import FILE; --apply writes it. One fault and nothing is "
        "imported; all faults are listed at once.",
        "The printed summary can be imported as it is. An exported ledger can be changed and imported again.",
    ),
}
