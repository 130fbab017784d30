"""Every setting of the checker: name, default, help in both languages. A flag beats the environment, which beats
the file, which beats the default; an unknown name is an error.

The file is TOML with the names of `SETTINGS` at its top level. In the environment a setting is called
`ZHENGBAN_` and its name in capitals: `ZHENGBAN_DATABASE`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from auditor.errors import WrongUsage, both

_TYPE_NAMES = {
    str: ("文字", "text"),
    int: ("整数", "a whole number"),
    float: ("数字", "a number"),
    bool: ("true 或 false", "true or false"),
}
Value = str | int | float | bool
PREFIX = "ZHENGBAN_"
ELSEWHERE = frozenset({"ZHENGBAN_SETTINGS", "ZHENGBAN_CORPUS", "ZHENGBAN_STATE"})
"""Names with our prefix that are not settings of the checker."""


@dataclass(frozen=True)
class Setting:
    """One row: its type is that of the default; `least` and `most` bound a number, both inclusive."""

    name: str
    default: Value
    zh: str
    en: str
    least: float | None = None
    most: float | None = None

    @property
    def help(self) -> str:
        """What the setting is for, in both languages."""
        return both(self.zh, self.en)


SETTINGS = (
    Setting("database", "sqlite:///zhengban.db", "数据库地址", "Address of the store"),
    Setting(
        "key_file",
        "",
        "加密密钥文件；为空时放在数据库旁",
        "File with the key that seals secrets; empty: beside the database",
    ),
    Setting(
        "sealing_key",
        "",
        "加密密钥本身，base64 编码的 32 字节；优先于 key_file",
        "The key itself, 32 bytes as base64; goes before key_file",
    ),
    Setting(
        "catalogue_folder",
        "",
        "本单位规则的存放目录；为空时放在数据库旁",
        "Folder of the organisation's own rules; empty: beside the database",
    ),
    Setting(
        "catalogue_key",
        "",
        "所信任的目录发布方公钥文件",
        "File with the public key of whoever releases the catalogue",
    ),
    Setting("database_wait_seconds", 30, "等待其他写入者的秒数", "How long to wait for another writer", 1, 600),
    Setting("listen_host", "127.0.0.1", "serve 监听的地址", "Address that serve listens on"),
    Setting(
        "listen_port",
        8765,
        "serve 监听的端口；0 为任选空闲端口",
        "Port that serve listens on; 0 takes a free one",
        0,
        65_535,
    ),
    Setting(
        "serve_processes",
        1,
        "serve 的进程数，每个处理器核可用一个（不支持 Windows）",
        "Processes of serve, one for each processor core at the most useful; not on Windows",
        1,
        256,
    ),
    Setting(
        "tls_cert",
        "",
        "证书文件（PEM，含证书链），与 tls_key 同时填写即提供 HTTPS",
        "Certificate file (PEM, with its chain); with tls_key serve speaks HTTPS",
    ),
    Setting("tls_key", "", "证书私钥文件（PEM，不加密）", "File of the certificate's private key (PEM, not encrypted)"),
    Setting(
        "tls_client_ca",
        "",
        "签发客户端证书的 CA 证书文件（PEM）；其他工具的采集端可凭其证书上报，无须口令",
        "CA certificates (PEM) whose client certificates let agents of other tools report without a password",
    ),
    Setting(
        "trusted_proxies",
        "",
        "提供 HTTPS 的反向代理的地址或网段，多个以逗号分隔；采信其 X-Forwarded-*，并可在本机以外监听 HTTP",
        "Reverse proxies that speak HTTPS for us, addresses or networks apart by commas; they are believed",
    ),
    Setting(
        "separated_administrators",
        False,
        "三员分立：系统管理员、安全管理员、审计管理员不得为同一人（等级保护）",
        "System, security and audit administrator may not be one person (classified protection)",
    ),
    Setting("password_min_length", 12, "口令最少字符数", "Fewest signs of a password", 8, 128),
    Setting(
        "password_max_age_days",
        90,
        "口令最长使用天数，到期须更换；0 为不限",
        "Days after which a password has to be changed; 0: never",
        0,
        3650,
    ),
    Setting(
        "password_former_kept", 5, "不得与最近几次的口令相同", "How many former passwords may not be used again", 0, 24
    ),
    Setting(
        "sign_in_failures", 5, "连续登录失败几次后锁定账号", "Failed sign-ins in a row that lock an account", 1, 100
    ),
    Setting("sign_in_lock_minutes", 30, "账号锁定的分钟数", "How long an account is locked, in minutes", 1, 10_080),
    Setting(
        "second_factor",
        "optional",
        "动态口令：optional 自愿，administrators 管理员必须，all 人人必须（目录账号除外）",
        "One-time codes: optional, administrators (they must) or all; accounts of the directory are left to it",
    ),
    Setting(
        "session_idle_minutes", 30, "登录后多少分钟不操作即退出", "Minutes unused after which a session ends", 1, 1_440
    ),
    Setting("session_hours", 10, "一次登录最长小时数", "Hours after which a session ends in any case", 1, 168),
    Setting("api_token_days", 90, "接口令牌最长有效天数", "Longest life of a token for programmes, in days", 1, 3650),
    Setting(
        "directory_url",
        "",
        "目录服务（LDAP）地址，如 ldaps://ldap.example.org；为空不用",
        "Address of the directory (LDAP), such as ldaps://ldap.example.org; empty: none",
    ),
    Setting("directory_base", "", "在目录的哪一节点下查找人员", "Where in the directory people are searched"),
    Setting(
        "directory_filter",
        "(uid={login})",
        "查找人员的条件，{login} 代以登录名",
        "Filter that finds a person; {login} stands for the login",
    ),
    Setting(
        "directory_account",
        "",
        "查找所用的目录账号（DN）；为空匿名查找",
        "Account (DN) that searches; empty: anonymous",
    ),
    Setting("directory_password_file", "", "该账号的口令文件", "File with that account's password"),
    Setting(
        "directory_ca_file",
        "",
        "目录服务证书的签发者证书（PEM）；为空用系统的",
        "Authorities (PEM) for the directory's certificate; empty: the system's",
    ),
    Setting(
        "metrics_token_file",
        "",
        "读取 /metrics 所需令牌的文件；为空时只有本机可读",
        "File with the token that /metrics takes; empty: only loopback may read it",
    ),
    Setting(
        "agent_requests_per_minute",
        600,
        "每个采集端每分钟最多请求数；0 为不限",
        "Most requests of one agent a minute; 0: no limit",
        0,
        1_000_000,
    ),
    Setting(
        "syslog",
        "",
        "trail export --syslog 发往的地址，udp://主机:514 或 tcp://主机:601；为空不发",
        "Where trail export --syslog sends to, udp://host:514 or tcp://host:601; empty: none",
    ),
    Setting("log_format", "text", "运行日志格式：text 或 json", "Form of the log: text or json"),
    Setting(
        "schedule_audit",
        "",
        "定时稽核，cron 五段式，如 0 2 * * 1；为空不执行",
        "When to audit, five fields of cron such as 0 2 * * 1; empty: never",
    ),
    Setting(
        "schedule_overdue",
        "",
        "定时检查失联的计算机，cron 五段式；为空不执行",
        "When to look for silent machines, five fields of cron; empty: never",
    ),
    Setting(
        "schedule_supervision",
        "",
        "定时处理整改期限、例外到期与报送提醒，cron 五段式，如 0 7 * * *；为空不执行",
        "When to watch deadlines, exceptions and duties, five fields of cron such as 0 7 * * *; empty: never",
    ),
    Setting(
        "schedule_messages",
        "",
        "定时发送消息，cron 五段式，如 */10 * * * *；为空不执行",
        "When to send messages, five fields of cron such as */10 * * * *; empty: never",
    ),
    Setting(
        "schedule_submissions",
        "",
        "定时把已报送的数字签名上报上级，cron 五段式，如 */10 * * * *；为空不执行",
        "When to send what was submitted to the tier above, five fields of cron such as */10 * * * *; empty: never",
    ),
    Setting(
        "schedule_retention",
        "30 3 * * *",
        "定时清理过期的登录、任务记录、证据与日志，cron 五段式；为空不执行",
        "When to clear old sessions, jobs, evidence and trail, five fields of cron; empty: never",
    ),
    Setting(
        "trail_months",
        36,
        "操作日志至少保留几个月，不得少于 6",
        "Months that the trail is kept, no fewer than 6",
        6,
        1200,
    ),
    Setting(
        "evidence_months",
        24,
        "清单原文（证据）保留几个月；最新一份和已签报所依据的不清理",
        "Months that documents are kept as evidence; the newest, and those of signed-off runs, stay",
        1,
        1200,
    ),
    Setting("time_zone", "Asia/Shanghai", "按哪个时区划分日期", "Zone in which a day is a day"),
    Setting("language", "zh_CN", "报表语言：zh_CN 或 en", "Language of reports: zh_CN or en"),
    Setting(
        "intake_max_bytes",
        16_777_216,
        "单份采集文件解压后的最大字节数",
        "Largest document accepted, in bytes, unpacked",
        1_024,
    ),
    Setting(
        "intake_max_packed_bytes",
        4_194_304,
        "单份采集文件传输时的最大字节数",
        "Largest body accepted, in bytes, as sent",
        1_024,
    ),
    Setting("intake_max_ratio", 200, "解压后与压缩时的最大倍数", "Largest ratio of unpacked to packed bytes", 2),
    Setting("intake_max_depth", 32, "采集文件的最大嵌套层数", "Deepest nesting of a document", 8, 200),
    Setting("intake_max_records", 100_000, "单份采集文件的最多记录数", "Most records in one document", 1),
    Setting(
        "intake_waiting_documents",
        256,
        "等待入库的采集文件上限，超出时答复 503",
        "Documents that may wait for the store before 503 is answered",
        1,
    ),
    Setting(
        "intake_group_documents",
        64,
        "一次写盘最多合并几份采集文件",
        "Most documents that share one commit",
        1,
        1000,
    ),
    Setting("intake_body_seconds", 120, "一次请求最多用几秒传完", "How long one request may take to arrive", 1, 3600),
    Setting(
        "foreign_networks",
        "",
        "其他工具的采集端可不用口令上报的网段，多个以逗号分隔；本机始终可以",
        "Networks whose agents of other tools may report without a password, apart by commas; loopback always may",
    ),
    Setting(
        "foreign_accounts",
        "",
        "其他工具的采集端上报所用账号的文件（名称:argon2id 摘要[:单位]）",
        "File of accounts that agents of other tools report with, NAME:HASH[:UNIT] a line",
    ),
    Setting(
        "foreign_report_hours",
        24,
        "要求其他工具的采集端每隔几小时上报",
        "How often agents of other tools are asked to report, in hours",
        1,
        720,
    ),
    Setting(
        "clock_window_seconds",
        900,
        "采集端签名时的时钟最多相差几秒",
        "How far an agent's clock may be off when it signs",
        1,
        86_400,
    ),
    Setting(
        "held_loss_share",
        0.5,
        "一次扫描中某来源减少的比例达到此值时，等第二次扫描确认",
        "Share of a scope whose loss in one scan waits for a second scan",
        0,
        1,
    ),
    Setting("held_loss_minimum", 5, "减少的条数少于此值时不等待确认", "Losses of fewer titles than this never wait", 1),
    Setting(
        "stale_after_days",
        30,
        "超过几天未再扫描到的软件只记“最后一次见于”",
        "Days unseen after which a title is only 'last seen on'",
        1,
    ),
    Setting(
        "partial_scans_before_last_seen",
        3,
        "连续几次不完整扫描未见后只记“最后一次见于”",
        "Partial scans unseen before a title is only 'last seen on'",
        1,
    ),
    Setting(
        "silent_after_days",
        30,
        "超过几天没有上报的计算机列为失联",
        "Days without a scan after which a machine is reported as silent",
        1,
    ),
    Setting(
        "expiring_within_days",
        90,
        "许可到期前几天起提示即将到期",
        "Days before its end from which a licence is reported as expiring",
        0,
        3650,
    ),
    Setting(
        "approved_kms_hosts",
        "",
        "单位批准的 KMS 主机（名称或地址），多个以逗号分隔；为空时相关迹象降低一级",
        "KMS hosts that the organisation approved, apart by commas; while empty, signs measured by them say less",
    ),
    Setting(
        "approved_key_tails",
        "",
        "单位持有的批量密钥（MAK 等）后五位，多个以逗号分隔；为空时相关迹象降低一级",
        "Last five characters of the volume keys that the organisation holds; while empty, such signs say less",
    ),
    Setting("unit_telephone", "", "表中的“联系电话”", "Telephone on the forms"),
    Setting("filled_by", "", "表中的“填表人”", "Who filled in the forms"),
    Setting(
        "print_serials",
        True,
        "汇总表是否完整打印序列号，每次打印都记入操作日志；false 为遮盖",
        "Print serial numbers in full on the summary; each print stands in the trail. false: masked",
    ),
    Setting(
        "font_folder",
        "",
        "PDF 所用中文字体（思源、Noto CJK）所在目录；为空时在系统字体中查找",
        "Folder with the Chinese typeface of PDF files (Source Han, Noto CJK); empty: looked for in the system",
    ),
    Setting(
        "letterhead",
        "",
        "单位自己的 DOCX 模板（信头、样式、页脚），DOCX 表格写入其中",
        "The unit's own DOCX (letterhead, styles, footers) that forms as DOCX are written into",
    ),
    Setting(
        "template_folder",
        "",
        "单位自己的 Word 模板目录：summary.docx 等优先于随附版式，letterhead.docx 为信头；"
        "zhengban templates 写出可改的模板",
        "Folder of the unit's own Word templates: summary.docx and so on lie over our layouts, letterhead.docx is the "
        "letterhead; zhengban templates writes some to edit",
    ),
    Setting(
        "report_signing_key",
        "",
        "签发文件所用密钥文件（zhengban catalogue new-key 生成）；为空时不附校验文件",
        "Key file that issued files are signed with (made by zhengban catalogue new-key); empty: no signature files",
    ),
    Setting(
        "annex_labels",
        "",
        "表上方的附件标注，如 summary=附件7;detail=附件8",
        "Labels above the forms, such as summary=附件7;detail=附件8",
    ),
    # supervision
    Setting(
        "rectification_days",
        30,
        "整改期限天数（未另定时）",
        "Days to put a finding right, unless told otherwise",
        1,
        3650,
    ),
    Setting("exception_days", 366, "例外最长天数", "Longest exception, in days", 1, 3650),
    Setting(
        "escalation_days",
        "7,14,30",
        "逾期几天后逐级上报，多个以逗号分隔；为空不上报",
        "Days overdue after which a finding goes one step further up the tree; empty: never",
    ),
    Setting("notice_issuer", "", "整改通知书的发出单位", "Who issues the notices of rectification"),
    Setting(
        "notice_template",
        "",
        "整改通知书的 Word 模板；为空用自带模板",
        "Word template of the notice of rectification; empty: the one that comes along",
    ),
    Setting("spot_check_percent", 5.0, "抽查比例（%）", "Spot checks: per cent of the machines of a unit", 0, 100),
    Setting("spot_check_minimum", 6, "每单位最少抽查台数", "Spot checks: fewest machines of a unit", 0),
    Setting("spot_check_all_servers", True, "服务器全部检查", "Spot checks: every server"),
    Setting(
        "installation_requests",
        "",
        "哪些单位安装软件须先申请：单位编码以逗号分隔，* 为全部；为空不核对",
        "Units whose installations need a request: codes apart by commas, * for all; empty: not looked at",
    ),
    Setting(
        "duties",
        "",
        "报送截止日，如 annual_report=11-30;detail=06-30,12-31；未写的用默认",
        "Days by which to hand in, such as annual_report=11-30;detail=06-30,12-31; the rest by default",
    ),
    Setting(
        "duty_notice_days", 30, "报送截止前几天起提醒", "Days before a duty from which it is called to mind", 0, 365
    ),
    Setting(
        "submission_key",
        "",
        "本单位报送签名的私钥文件",
        "File with the secret key that signs what this unit hands in",
    ),
    Setting(
        "submission_url",
        "",
        "上级核查端地址（https），签名数字报送到此；为空不发送",
        "Address (https) of the checker above, to which signed figures go; empty: nothing is sent",
    ),
    Setting(
        "submission_unit",
        "",
        "定时上报哪个单位的报送（单位编码，其公钥已由上级登记）；为空不定时上报",
        "Unit whose submissions the schedule sends up (its key is registered above); empty: none by the schedule",
    ),
    Setting(
        "command_token_file",
        "",
        "命令行以此文件中令牌的账号办理整改、抽查、报送、申请，权限与接口相同；为空则以能打开数据库者为准",
        "File with the token of the account whose rights supervision commands have; empty: of who may open the store",
    ),
    Setting(
        "commands_need_token",
        False,
        "整改、抽查、报送、申请命令必须以账号办理（command_token_file）",
        "The commands of supervision act as an account alone (command_token_file)",
    ),
    # messages: nothing goes out that is not named here
    Setting(
        "notice_topics",
        "",
        "发送哪些消息，以逗号分隔，* 为全部；为空不发送",
        "What to send messages about: topics apart by commas, * for all; empty: nothing",
    ),
    Setting("quiet_hours", "", "不发送消息的时段，如 22:00-07:00", "Hours without messages, such as 22:00-07:00"),
    Setting("notice_attempts", 12, "一条消息最多尝试几次", "Most attempts at one message", 1, 1000),
    Setting("notice_folder", "", "消息与报表投放目录", "Folder into which messages and reports are laid"),
    Setting("email_to", "", "收件人，以逗号分隔", "Recipients of e-mail, apart by commas"),
    Setting("email_from", "", "发件人", "Sender of e-mail"),
    Setting("smtp_host", "", "邮件服务器", "Mail server"),
    Setting("smtp_port", 25, "邮件服务器端口", "Port of the mail server", 1, 65_535),
    Setting("smtp_security", "starttls", "邮件加密：tls、starttls 或 none", "tls, starttls or none"),
    Setting("smtp_user", "", "邮件服务器账号", "Account at the mail server"),
    Setting("smtp_password", "", "邮件服务器口令", "Password at the mail server"),
    Setting("webhook_url", "", "签名回调地址", "Address of the signed webhook"),
    Setting("webhook_secret", "", "签名回调的共享密钥", "Shared secret of the signed webhook"),
    Setting("dingtalk_url", "", "钉钉机器人地址", "Address of the DingTalk robot"),
    Setting("dingtalk_secret", "", "钉钉机器人加签密钥", "Secret of the DingTalk robot"),
    Setting("wecom_url", "", "企业微信机器人地址", "Address of the WeCom robot"),
    Setting("feishu_url", "", "飞书机器人地址", "Address of the Feishu robot"),
    Setting("feishu_secret", "", "飞书机器人签名密钥", "Secret of the Feishu robot"),
)


@dataclass(frozen=True)
class Settings:
    """The value of every setting, and where each came from: default, file, environment or flag."""

    values: Mapping[str, Value]
    origins: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a text setting."""
        return str(self.values[name])

    def whole(self, name: str) -> int:
        """Return a whole-number setting."""
        return int(self.values[name])

    def number(self, name: str) -> float:
        """Return a number setting."""
        return float(self.values[name])

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which a day is a day."""
        return ZoneInfo(self.text("time_zone"))


def load_settings(
    *, flags: Mapping[str, Value] | None = None, environment: Mapping[str, str] | None = None, file: Path | None = None
) -> Settings:
    """Return the settings. `environment` is `os.environ` or a part of it; `file` may be `None`.

    Raises `WrongUsage` with every fault of every layer, one a line.
    """
    faults: list[str] = []
    layers: list[tuple[str, Mapping[str, object]]] = [("file", _from_file(file) if file is not None else {})]
    layers.append(("environment", _from_environment(environment or {})))
    layers.append(("flag", flags or {}))
    values: dict[str, Value] = {row.name: row.default for row in SETTINGS}
    origins = {row.name: "default" for row in SETTINGS}
    rows = {row.name: row for row in SETTINGS}
    for origin, layer in layers:
        for name, given in layer.items():
            where = f"{file}: {name}" if origin == "file" else f"{origin} {name}"
            if name not in rows:
                faults.append(f"{where}: {both('没有这项设置', 'expected the name of a setting')}")
                continue
            try:
                values[name], origins[name] = _checked(rows[name], given, parse=origin != "file"), origin
            except ValueError as error:
                faults.append(f"{where}: {error}")
    if faults:
        raise WrongUsage("\n".join(faults))
    return Settings(values, origins)


def _from_file(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise WrongUsage(f"{file}: {both('应为设置文件', 'expected a file of settings')}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUsage(f"{file}: {both('应为 TOML 格式', 'expected TOML')}: {error}") from error


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, object]:
    ours = {name: value for name, value in environment.items() if name.startswith(PREFIX) and name not in ELSEWHERE}
    return {name.removeprefix(PREFIX).lower(): value for name, value in ours.items()}


def _checked(row: Setting, given: object, *, parse: bool) -> Value:
    """Return the value in the type of the default. Raises `ValueError` that says what was expected."""
    wanted = type(row.default)
    value = _parsed(given, wanted) if parse and isinstance(given, str) else given
    if wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted:
        zh, en = _TYPE_NAMES[wanted]
        raise ValueError(both(f"应为{zh}，实为 {given!r}", f"expected {en}, got {given!r}"))
    if isinstance(value, int | float) and not _within(row, value):
        zh, en = _bounds(row)
        raise ValueError(both(f"应{zh}，实为 {given!r}", f"expected {en}, got {given!r}"))
    if row.name == "time_zone":
        _check_zone(str(value))
    return value


def _parsed(given: str, wanted: type) -> object:
    if wanted is bool:
        return {"true": True, "false": False, "1": True, "0": False}.get(given.lower(), given)
    try:
        return wanted(given)
    except ValueError:
        return given


def _within(row: Setting, value: float) -> bool:
    return (row.least is None or value >= row.least) and (row.most is None or value <= row.most)


def _bounds(row: Setting) -> tuple[str, str]:
    """Return what bounds the number, in Chinese and in English."""
    least = ("不小于", "at least", row.least)
    most = ("不大于", "at most", row.most)
    told = [(f"{zh} {bound:g}", f"{en} {bound:g}") for zh, en, bound in (least, most) if bound is not None]
    return " 且".join(zh for zh, _ in told), " and ".join(en for _, en in told)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        zh = f"应为 IANA 时区名，如 Asia/Shanghai，实为 {name!r}"
        raise ValueError(both(zh, f"expected a zone of the IANA data base, got {name!r}")) from error
