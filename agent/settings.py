"""Every setting of the agent: name, default, help. A flag beats the environment, which beats the file, which
beats the default; a name that is not in the table is an error, wherever it stands.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Mapping, Union

Value = Union[str, int, float, bool]

ENVIRONMENT_PREFIX = "ZHENGBAN_AGENT_"
SECTION = "agent"
_TRUE = ("1", "yes", "true", "on")
_FALSE = ("0", "no", "false", "off")


class SettingsError(Exception):
    """What an administrator can put right: the message says where, what, and what was expected."""


@dataclass(frozen=True)
class Setting:
    """One row of the table. The type of a value is the type of its default."""

    name: str
    default: Value
    help: str
    help_zh: str
    least: float = 0


SETTINGS = (
    Setting(
        "server",
        "",
        "Address of the checker, https://host:port; enrol keeps it",
        "核查端地址，https://主机:端口；登记后自动记住",
    ),
    Setting(
        "state_folder",
        "",
        "Folder of the key, the spool and what was refused; empty: the system's own place",
        "密钥、待发清单、被退回清单的目录；空为系统默认位置",
    ),
    Setting(
        "watchlist",
        "",
        "File of what to look for, from zhengban catalogue watchlist; empty: the list that the checker hands out",
        "查找清单文件，由 zhengban catalogue watchlist 生成；空为核查端下发的清单",
    ),
    Setting(
        "ca_file",
        "",
        "Certificates (PEM) that are trusted instead of the system's",
        "代替系统证书的受信任证书文件（PEM）",
    ),
    Setting(
        "proxy",
        "",
        "Proxy for the checker, http://host:port; empty: as the environment says; none: no proxy",
        "访问核查端的代理，http://主机:端口；空为按环境变量；none 为不用代理",
    ),
    Setting(
        "allow_plain_http",
        False,
        "Send over http to other hosts than this one; documents can then be read on the way",
        "允许以 http 明文发往其他主机；清单可能在途中被看到",
    ),
    Setting(
        "timeout_seconds",
        30.0,
        "How long one answer of the checker may take",
        "等待核查端一次答复的最长秒数",
        1,
    ),
    Setting(
        "send_attempts",
        4,
        "How often a document is tried in one send",
        "一次发送中每份清单的尝试次数",
        1,
    ),
    Setting(
        "retry_seconds",
        2.0,
        "First pause before a new attempt; it doubles, with jitter",
        "首次重试前的秒数，其后加倍并随机错开",
    ),
    Setting(
        "longest_pause_seconds",
        60.0,
        "A longer pause than this is left to the next send",
        "重试前最长等待秒数，更久则留待下次发送",
    ),
    Setting(
        "spool_max_documents",
        60,
        "Documents kept while the checker does not answer; the oldest go first",
        "核查端不应答时最多保留的清单份数，超出时先去掉最旧的",
        1,
    ),
    Setting(
        "spool_max_bytes",
        200_000_000,
        "Bytes kept while the checker does not answer; the newest always stays",
        "核查端不应答时最多保留的字节数，最新一份始终保留",
        1,
    ),
    Setting(
        "scan_seconds",
        300.0,
        "Longest time of one scan",
        "一次扫描的最长秒数",
        1,
    ),
    Setting(
        "collector_seconds",
        120.0,
        "Longest time of one collector",
        "一个采集器的最长秒数",
        1,
    ),
    Setting(
        "max_records",
        100_000,
        "Most records in one document",
        "一份清单的最多记录数",
        1,
    ),
    Setting(
        "max_output_bytes",
        16_000_000,
        "Largest document, unpacked",
        "一份清单（未压缩）的最大字节数",
        100_000,
    ),
    Setting(
        "max_memory_bytes",
        536_870_912,
        "Memory that the system gives us at most, in bytes; 0: no limit",
        "系统最多分配给采集程序的内存字节数；0 为不限",
    ),
    Setting(
        "deep_sources",
        True,
        "Read the deep sources too (licences of packages, portable programs …), at low frequency",
        "同时读取深度来源（软件包许可、绿色软件等），频率较低",
    ),
    Setting(
        "deep_hours",
        20.0,
        "Hours that must pass before the deep sources are read again; --deep reads them at once",
        "深度来源两次读取之间至少相隔的小时数；--deep 立即读取",
    ),
    Setting(
        "deep_unchanged_days",
        7.0,
        "Days after which the deep sources are read again although the software list has not changed",
        "软件清单没有变化时，深度来源最多隔几天再读一次",
    ),
    Setting(
        "usage_notice",
        "",
        "Name of the notice given to staff; empty: no usage evidence is read. With it: month of the last use of a "
        "program, of no person",
        "已向员工告知的告知书名称；为空则不读取使用情况。填写后只登记程序最后使用的月份，不涉及个人",
    ),
    Setting(
        "run_every_hours",
        24.0,
        "Hours between two runs of the timer",
        "定时任务两次运行之间的小时数",
        1,
    ),
    Setting(
        "spread_minutes",
        120.0,
        "The timer's runs are spread at random over so many minutes, so that a fleet does not come at once",
        "定时运行随机错开的分钟数，避免全部计算机同时上报",
    ),
    Setting(
        "quiet_hours",
        "",
        "Times of day in which the timer starts nothing, 08:30-11:30,14:00-17:00 (local time)",
        "定时任务不运行的时段，如 08:30-11:30,14:00-17:00（本地时间）",
    ),
    Setting(
        "seal_exports",
        False,
        "Encrypt what export writes; needs the Python library cryptography",
        "导出文件加密；需要 Python 库 cryptography",
    ),
    Setting(
        "low_priority",
        True,
        "Scan at low priority, so that people at the machine notice nothing",
        "以低优先级扫描，不影响使用",
    ),
    Setting(
        "wait_for_scan_seconds",
        30.0,
        "How long a scan waits for another one on this machine to end",
        "本机已有扫描在进行时最长等待的秒数",
    ),
    Setting(
        "language",
        "",
        "zh_CN or en; empty: as the system says",
        "zh_CN 或 en；空为随系统",
    ),
)


def load_settings(
    file: str | None, flags: Mapping[str, str], environment: Mapping[str, str] = os.environ
) -> dict[str, Value]:
    """Return a value for every setting. `file` None: the system's own file, if it is there.

    Raises `SettingsError` that lists all unknown names and unreadable values at once.
    """
    faults: list[str] = []
    values: dict[str, Value] = {setting.name: setting.default for setting in SETTINGS}
    given = [(name, text, where) for name, text, where in _of_file(file) + _of_environment(environment)]
    for name, text, where in given + [(name, text, "--set") for name, text in flags.items()]:
        try:
            values[name] = _value(name, text)
        except ValueError as error:
            faults.append("%s: %s: %s" % (where, name, error))
    if faults:
        raise SettingsError("\n".join(faults))
    return values


def default_settings_file() -> str:
    """Return where the settings file lies when nobody names one."""
    if os.name == "nt":
        return os.path.join(os.environ.get("PROGRAMDATA", r"C:\ProgramData"), "zhengban", "agent.ini")
    return "/etc/zhengban/agent.ini"


def _of_file(file: str | None) -> list[tuple[str, str, str]]:
    """Return name, text and place of every line of the INI file."""
    path = file or default_settings_file()
    if file is None and not os.path.exists(path):
        return []
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        with open(path, encoding="utf-8-sig") as lines:
            parser.read_file(lines)
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise SettingsError("%s: %s" % (path, str(error).replace("\n", " ")))
    strange = [section for section in parser.sections() if section != SECTION]
    if strange:
        raise SettingsError("%s: [%s]: expected the section [%s]" % (path, strange[0], SECTION))
    return [(name, text, path) for name, text in (parser.items(SECTION) if parser.has_section(SECTION) else [])]


def _of_environment(environment: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return name, text and place of every variable with our prefix."""
    return [
        (variable[len(ENVIRONMENT_PREFIX) :].lower(), text, "environment")
        for variable, text in sorted(environment.items())
        if variable.upper().startswith(ENVIRONMENT_PREFIX)
    ]


def _value(name: str, text: str) -> Value:
    """Return a text as the type that the setting has. Raises `ValueError` with what was expected."""
    setting = next((row for row in SETTINGS if row.name == name), None)
    if setting is None:
        raise ValueError("no such setting; expected one of %s" % ", ".join(row.name for row in SETTINGS))
    if isinstance(setting.default, bool):
        if text.strip().lower() not in _TRUE + _FALSE:
            raise ValueError("expected yes or no, got %r" % text)
        return text.strip().lower() in _TRUE
    if isinstance(setting.default, str):
        return text.strip()
    return _number(setting, text)


def _number(setting: Setting, text: str) -> Value:
    """Return a number that is not below the least that makes sense."""
    whole = isinstance(setting.default, int)
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        raise ValueError("expected a %snumber, got %r" % ("whole " if whole else "", text))
    if not setting.least <= number < float("inf"):
        raise ValueError("expected %g or more, got %s" % (setting.least, text))
    return number
