"""价格: price lines with volume tiers, in yuan, with or without a 编号 of their own."""

from __future__ import annotations

from decimal import Decimal

from auditor.core.model import ProductId
from auditor.errors import both
from auditor.intake.registers.cells import amount, code, day, last_day, one_of, text, whole
from auditor.intake.registers.licence_words import metrics
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterRow
from auditor.proof.digest import digest_of
from auditor.store.ledger_acts import RegisteredPrice
from rules.catalogue import Catalogue
from rules.ledger_names import LedgerNames

FIELDS = (
    Field("name", ("软件名称", "Software name"), text, required=True),
    Field("price", ("单价（单位：元）", "单价", "含税单价", "Price (yuan)"), amount, required=True),
    Field("code", ("价格编号", "报价编号", "Price no."), code),
    Field("version", ("软件版本", "Software version"), text),
    Field("metric", ("计量方式", "Metric"), one_of(metrics())),
    Field("from_quantity", ("起订数量", "数量下限", "From quantity"), whole),
    Field("rights_per_pack", ("每套授权数", "每份授权数", "Rights per pack"), whole),
    Field("supplier", ("供应商", "Supplier"), text),
    Field("starts_on", ("起始日期", "生效日期", "报价日期", "Starts on"), day),
    Field("ends_on", ("截止日期", "有效期至", "Ends on"), last_day),
    Field("product", ("产品编号", "Product id"), text),
    Field("document", ("文件编号", "报价单编号", "Document"), text),
    Field("remarks", ("备注", "Remarks"), text),
)


def prices_from(
    reading: Reading, catalogue: Catalogue, names: LedgerNames
) -> list[tuple[RegisterRow, RegisteredPrice]]:
    """Return the price lines of a reading. A name that the catalogue does not know is kept and reported."""
    made = []
    for row in reading.rows:
        values = row.values
        known = names.find(values["name"], values.get("version"))
        product = values.get("product") or (known.product if known is not None else None)
        if product is not None and product not in catalogue.products:
            what = both(f"软件知识库中没有产品“{product}”", f"the catalogue has no product {product!r}")
            reading.faults.append(Fault(row.at("product"), "产品编号", what))
            continue
        start, end = values.get("starts_on"), values.get("ends_on")
        if start is not None and end is not None and end < start:
            what = both(f"{end} 早于起始日期 {start}", f"{end} lies before {start}; expected it after the start")
            reading.faults.append(Fault(row.at("ends_on"), "截止日期", what))
        metric = catalogue.products[product].licensing.metric if product is not None else None
        line = RegisteredPrice(
            code=values.get("code") or "",
            name=values["name"],
            product=ProductId(product) if product is not None else None,
            metric=values.get("metric") or metric or "per_device",
            price=values["price"],
            from_quantity=max(values.get("from_quantity", 1), 1),
            edition=known.edition if known is not None and known.product == product else None,
            line=known.line if known is not None and known.product == product else None,
            rights_per_pack=max(values.get("rights_per_pack", 1), 1),
            supplier=values.get("supplier"),
            starts_on=start,
            ends_on=end,
            document=values.get("document"),
            remarks=values.get("remarks"),
        )
        made.append((row, line if line.code else _with_code(line)))
    _check_tiers(made, reading)
    return made


def _with_code(line: RegisteredPrice) -> RegisteredPrice:
    """A line without a number is named by what it prices, so that a new price of the same replaces it."""
    facts = (line.name, line.product, line.metric, line.from_quantity, line.edition, line.line, line.rights_per_pack,
             line.supplier, line.starts_on.isoformat() if line.starts_on else None)  # fmt: skip
    return RegisteredPrice(**(vars(line) | {"code": f"JG-{digest_of(list(facts))[:12]}"}))


def _check_tiers(made: list[tuple[RegisterRow, RegisteredPrice]], reading: Reading) -> None:
    """A larger quantity that costs more for each is told: likely two columns were mixed up."""
    tiers: dict[tuple[object, ...], list[tuple[RegisterRow, RegisteredPrice]]] = {}
    for row, line in made:
        key = (line.product or line.name, line.metric, line.edition, line.line, line.rights_per_pack, line.supplier,
               line.starts_on)  # fmt: skip
        tiers.setdefault(key, []).append((row, line))
    for lines in tiers.values():
        lines.sort(key=lambda entry: entry[1].from_quantity)
        least: Decimal | None = None
        for row, line in lines:
            if least is not None and line.price > least:
                zh, en = "起订数量更大而单价更高，请核对", "a larger quantity at a higher price; please check"
                reading.notes.append(Fault(row.at("price"), "单价", both(zh, en)))
            least = line.price if least is None else min(least, line.price)
