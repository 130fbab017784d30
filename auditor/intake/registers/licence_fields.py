"""The columns of the licence ledger: those of the printed 汇总表, and the further ones of the template."""

from __future__ import annotations

from auditor.core.entitlement import SoftwareType
from auditor.intake.registers.cells import amount, code, day, last_day, one_of, several, text, yes_no
from auditor.intake.registers.reading import Field
from auditor.intake.registers.terms import quantity

TYPES = {
    "商业软件": SoftwareType.COMMERCIAL,
    "商业": SoftwareType.COMMERCIAL,
    "commercial": SoftwareType.COMMERCIAL,
    "OEM软件": SoftwareType.OEM,
    "OEM": SoftwareType.OEM,
    "随机预装软件": SoftwareType.OEM,
    "随机预装": SoftwareType.OEM,
    "预装软件": SoftwareType.OEM,
    "免费软件": SoftwareType.FREE,
    "免费": SoftwareType.FREE,
    "free": SoftwareType.FREE,
}
METRICS = {"按设备": "per_device", "按用户": "per_user", "随机": "oem", "per_device": "per_device",
           "per_user": "per_user", "oem": "oem"}  # fmt: skip
SHARING = {"本单位": False, "本单位及下级": True, "本单位及所属单位": True, "own": False, "descendants": True}

FIELDS = (
    Field("code", ("软件编号", "Software code"), code, required=True, carries=True),
    Field("name", ("软件名称", "Software name"), text, required=True, carries=True),
    Field("software_type", ("软件类型", "Software type"), one_of(TYPES), required=True, carries=True),
    Field("number", ("序号", "No."), text, carries=True),
    Field("unit", ("单位编码",), code, carries=True),
    Field("version", ("软件版本", "Software version"), text, carries=True),
    Field("purchased_on", ("采购时间", "购买日期", "采购日期", "购买时间", "Purchased on"), day, carries=True),
    Field("amount", ("采购金额（单位：元）", "采购金额", "金额", "Amount (yuan)"), amount, carries=True),
    Field("licence_type", ("许可类型", "授权类型", "Licence type"), text, carries=True),
    Field("quantity", ("许可数量", "授权数量", "数量", "Licences held"), quantity, carries=True),
    Field("allowed", ("可使用版本", "Versions allowed"), text, carries=True, continues=True),
    Field("basis", ("版本依据", "可使用版本依据"), text, continues=True),
    Field("term", ("许可期限", "授权期限", "有效期", "Licence term"), text, continues=True),
    Field("starts_on", ("起始日期", "生效日期", "开始日期"), day, continues=True),
    Field("ends_on", ("截止日期", "到期日期", "终止日期"), last_day, continues=True),
    Field("serials", ("序列号", "产品序列号", "Serial number"), several, continues=True),
    Field("bound_serials", ("绑定计算机序列号", "绑定设备序列号"), several),
    Field("bound_people", ("绑定人员工号",), several),
    Field("metric", ("计量方式",), one_of(METRICS), carries=True),
    Field("shared", ("共享范围",), one_of(SHARING), carries=True),
    Field("multi_version", ("同机多版本计一",), yes_no, carries=True),
    Field("paper", ("授权凭证编号", "许可证书编号", "授权证明文件编号"), text, carries=True),
    Field("supplier", ("供应商",), text, carries=True),
    Field("contract", ("合同编号",), text, carries=True),
    Field("remarks", ("备注",), text, carries=True),
)
