"""The columns of the licence ledger: those of the printed 汇总表, and the further ones of the template."""

from __future__ import annotations

from auditor.intake.registers import structures
from auditor.intake.registers.cells import amount, code, day, last_day, listed, one_of, several, text, whole, yes_no
from auditor.intake.registers.licence_words import SHARING, SOURCES, TYPES, metrics
from auditor.intake.registers.reading import Field
from auditor.intake.registers.terms import quantity

# fmt: off
FIELDS = (
    Field("code", ("软件编号", "Software code"), code, required=True, carries=True),
    Field("name", ("软件名称", "Software name"), text, required=True, carries=True),
    Field("software_type", ("软件类型", "Software type"), one_of(TYPES), required=True, carries=True),
    Field("number", ("序号", "No."), text, carries=True),
    Field("unit", ("单位编码", "Unit code"), code, carries=True),
    Field("version", ("软件版本", "Software version"), text, carries=True),
    Field("purchased_on", ("采购时间", "购买日期", "采购日期", "购买时间", "Purchased on"), day, carries=True),
    Field("amount", ("采购金额（单位：元）", "采购金额", "金额", "Amount (yuan)"), amount, carries=True),
    Field("licence_type", ("许可类型", "授权类型", "Licence type"), text, carries=True),
    Field("quantity", ("许可数量", "授权数量", "数量", "Licences held"), quantity, carries=True, reads_nothing=True),
    Field("rights_per_pack", ("每套授权数", "每份授权数", "Rights per pack"), whole, carries=True),
    Field("allowed", ("可使用版本", "Versions allowed"), text, carries=True, continues=True),
    Field("basis", ("版本依据", "可使用版本依据", "Basis of versions"), text, continues=True),
    Field("term", ("许可期限", "授权期限", "有效期", "Licence term"), text, continues=True),
    Field("starts_on", ("起始日期", "生效日期", "开始日期", "Starts on"), day, continues=True),
    Field("ends_on", ("截止日期", "到期日期", "终止日期", "Ends on"), last_day, continues=True),
    Field("serials", ("序列号", "产品序列号", "Serial number"), listed, continues=True),
    Field("source_type", ("来源类型", "软件来源类型", "Source type"), one_of(SOURCES), carries=True),
    Field("metric", ("计量方式", "Metric"), one_of(metrics()), carries=True),
    Field("counting", ("计量参数", "Counting rule"), structures.counting, carries=True),
    Field("bound_serials", ("绑定计算机序列号", "绑定设备序列号", "Bound machine serials"), several),
    Field("bound_machines", ("绑定计算机编号", "指定计算机编号", "Named devices"), several),
    Field("bound_people", ("绑定人员工号", "指定人员工号", "Named users"), several),
    Field("sharing", ("共享范围", "Sharing"), one_of(SHARING), carries=True),
    Field("shared_with", ("共享单位编码", "指定单位编码", "Shared with"), several, carries=True),
    Field("reservations", ("保留数量", "Reservations"), structures.reservations, carries=True),
    Field("places", ("使用地点", "授权场地", "Places"), several, carries=True),
    Field("maintenance", ("维护期间", "升级保障期间", "Maintenance"), structures.maintenance, carries=True),
    Field("upgrade_from", ("升级自", "升级基础", "Upgrade from"), structures.upgrade_from, carries=True),
    Field("downgrade", ("降级权", "降级使用权", "Downgrade"), structures.downgrade, carries=True),
    Field("downgrade_basis", ("降级依据", "Basis of downgrade"), text, carries=True),
    Field("second_use", ("第二台使用", "便携机第二安装", "Second use"), yes_no, carries=True),
    Field("multi_version", ("同机多版本计一", "Versions on one device"), yes_no, carries=True),
    Field("suite", ("套件组成", "Suite"), structures.suite, carries=True),
    Field("true_up", ("先用后补", "补购", "True-up"), yes_no, carries=True),
    Field("certified_on", ("认证日期", "不限量认证日期", "Certified on"), day, carries=True),
    Field("transferable", ("可否划转", "可转让", "Transferable"), yes_no, carries=True),
    Field("personal_only", ("仅限个人使用", "Personal use only"), yes_no, carries=True),
    Field("paper", ("授权凭证编号", "许可证书编号", "授权证明文件编号", "Paper"), text, carries=True),
    Field("certificate", ("许可证书号", "证书编号", "Certificate"), text, carries=True),
    Field("contract", ("合同编号", "Contract"), text, carries=True),
    Field("invoice", ("发票编号", "发票号码", "Invoice"), text, carries=True),
    Field("supplier", ("供应商", "Supplier"), text, carries=True),
    Field("product", ("产品编号", "Product id"), text, carries=True),
    Field("edition", ("版本类型", "Edition"), text, carries=True),
    Field("line", ("版本线", "Release line"), text, carries=True),
    Field("allowed_versions", ("可使用版本范围", "Range of versions"), text),
    Field("allowed_line", ("可使用版本线", "Allowed line"), text),
    Field("allowed_edition", ("可使用版本类型", "Allowed edition"), text),
    Field("ordinal", ("行号", "Row of the code"), whole),
    Field("remarks", ("备注", "Remarks"), text, carries=True),
)
# fmt: on
SHOWN_FIRST = ("number", "unit", "code", "name")
"""The columns that stand first in what we write; the others follow in their order."""
