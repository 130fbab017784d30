"""Every sentence that the agent says to a person, in Chinese and English, and which of them to use."""

from __future__ import annotations

import os
from typing import Mapping, Sequence

LANGUAGES = ("zh_CN", "en")


def say(language: str, code: str, **facts: object) -> str:
    """Return the sentence with its facts filled in. Raises `KeyError` for a code that the table has not."""
    chinese, english = TEXTS[code]
    return (chinese if language == "zh_CN" else english).format(**facts)


def language_of(wanted: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return `zh_CN` or `en`: what was asked for, else what the system speaks."""
    if wanted in LANGUAGES:
        return wanted
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "zh_CN" if environment[name].lower().startswith("zh") else "en"
    if os.name == "nt":
        import ctypes
        import locale

        identifier = vars(ctypes)["windll"].kernel32.GetUserDefaultUILanguage()
        return "zh_CN" if locale.windows_locale.get(identifier, "").startswith("zh") else "en"
    return "en"


def language_in(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> str:
    """Return the language before the arguments are parsed, since their help is a text as well."""
    wanted = environment.get("ZHENGBAN_AGENT_LANGUAGE", "")
    for index, argument in enumerate(arguments):
        if argument == "--language" and index + 1 < len(arguments):
            wanted = arguments[index + 1]
        elif argument.startswith("--language="):
            wanted = argument.partition("=")[2]
    return language_of(wanted, environment)


TEXTS: dict[str, tuple[str, str]] = {
    "about": (
        "正版软件清查采集程序：登记本机安装的软件，交核查端比对。只读取，不修改，不监听端口。",
        "Records what is installed on this machine and hands it to the checker. Reads only; opens no port.",
    ),
    "about.scan": ("扫描本机或一个目录，生成清单", "scan this machine, or a folder, and make an inventory"),
    "about.send": ("把待发清单送到核查端", "send the inventories that wait to the checker"),
    "about.run": ("扫描并立即发送", "scan, then send"),
    "about.enrol": ("凭一次性登记码向核查端登记本机", "enrol this machine with a one-time token"),
    "about.export": (
        "把待发清单写成一个签名文件，用批准的介质带往核查端",
        "write what waits as one signed file for a medium",
    ),
    "about.install": ("登记定时任务，由系统定时扫描并上报", "register a timer that scans and sends"),
    "about.uninstall": (
        "删除定时任务以及本机上的密钥、待发清单等全部痕迹",
        "remove the timer, the key, the spool: everything",
    ),
    "about.read": (
        "解析一份记录文件，逐行输出 JSON",
        "print what one collector makes of one recorded file as JSON lines",
    ),
    "about.doctor": (
        "说明看到了什么、没看到什么、原因何在，以及能否连通核查端",
        "say what was seen, what was not and why, and whether the checker answers",
    ),
    "help.usage": ("用法：", "usage: "),
    "help.arguments": ("命令与参数", "commands and arguments"),
    "help.options": ("选项", "options"),
    "more.scan": (
        "登记软件的名称、版本、发布者、位置，以及计算机的型号、序列号和正在运行的程序；不读取个人文档、\n"
        "浏览记录、程序参数和用户名。不给出 --output 时，清单留在待发目录，由 send 送出。\n"
        "读不到的内容在清单的 coverage 中逐项说明；有来源未能读取时，退出码为 3，清单照常生成。\n\n"
        "示例：\n"
        "  zhengban-agent scan --output 本机清单.json     查看一次扫描记录了什么\n"
        "  zhengban-agent scan --root /mnt/disk --output -",
        "Records names, versions, publishers and places of software, the computer's model and serial numbers, and\n"
        "the programs that run; no documents, no browsing, no arguments of programs, no names of people.\n"
        "Without --output the inventory waits in the spool for send. What could not be read stands in the\n"
        "inventory under coverage; when a source could not be read, the exit code is 3 and the inventory is made.\n\n"
        "examples:\n"
        "  zhengban-agent scan --output inventory.json    see what one scan records\n"
        "  zhengban-agent scan --root /mnt/disk --output -",
    ),
    "more.run": (
        "供定时任务使用：先 scan，再 send。网络不通时清单留在待发目录，下次一并送出。",
        "For timers: scan, then send. Without a network the inventory stays in the spool for the next time.",
    ),
    "more.send": (
        "核查端确认已写入磁盘后，清单才从待发目录中删除；被退回的清单连同原因移入 refused 目录。",
        "An inventory leaves the spool only when the checker has it on its disk; what it refused is moved to the\n"
        "folder refused, with the reason.",
    ),
    "more.enrol": (
        "每台计算机登记一次。登记码由核查端管理员用 zhengban agents token 签发，只能使用规定的次数；\n"
        "登记后得到本机编号和密钥，之后的发送都用密钥签名，不再需要登记码。\n\n"
        "示例：\n"
        "  zhengban-agent enrol --server https://checker.example:8443 --token -   从标准输入读取登记码",
        "Once for each machine. Whoever runs the checker issues the token (zhengban agents token); it is good for a\n"
        "fixed number of machines. The machine gets an id and a key, which signs whatever it sends from then on.\n\n"
        "example:\n"
        "  zhengban-agent enrol --server https://checker.example:8443 --token -   reads the token from standard input",
    ),
    "more.read": (
        "用于核对：某个来源的记录文件，采集器读出了什么。每行一条 JSON，读不懂之处以 problem 列出。\n\n"
        "示例：\n"
        "  zhengban-agent read dpkg /var/lib/dpkg/status\n"
        "  zhengban-agent read uninstall_keys NTUSER.DAT",
        "To check by hand what a collector makes of a source: one JSON object a line; what it could not read is a\n"
        "problem.\n\n"
        "examples:\n"
        "  zhengban-agent read dpkg /var/lib/dpkg/status\n"
        "  zhengban-agent read uninstall_keys NTUSER.DAT",
    ),
    "more.export": (
        "供不联网的网络使用。文件以本机登记时得到的密钥签名（HMAC-SHA256），核查端用 zhengban import 导入；\n"
        "被改动、截断、重复导入或来自他处的文件会被拒收并说明原因。加 --seal 则同时加密。\n"
        "已导出的清单移入 exported 目录；介质遗失时，用 --again 连同已导出的重新写一份。\n"
        "登记：zhengban agents offline 写出登记文件，再 zhengban-agent enrol --file 文件。\n\n"
        "示例：\n"
        "  zhengban-agent scan\n"
        "  zhengban-agent export --output /media/usb/本机.zbx",
        "For closed networks. The file is signed with the key of the enrolment (HMAC-SHA256); the checker takes it\n"
        "with zhengban import, and refuses one that was changed, cut off, taken before or made elsewhere.\n"
        "--seal encrypts it as well. What was exported moves to the folder exported; when the medium is lost, --again\n"
        "writes that too. To enrol: zhengban agents offline writes a file for zhengban-agent enrol --file FILE.\n\n"
        "example:\n"
        "  zhengban-agent scan\n"
        "  zhengban-agent export --output /media/usb/this-machine.zbx",
    ),
    "more.install": (
        "按系统选择：有 systemd 的 Linux 用 timer，其他 Linux 用 cron，Windows 用任务计划程序，macOS 用 launchd。\n"
        "系统每小时调用一次 run --scheduled；到期（run_every_hours）才真正扫描，随机错开（spread_minutes），\n"
        "并避开 quiet_hours。--dry-run 只显示将写入的内容和将运行的命令。需要管理员权限。",
        "Chosen by the system: a timer of systemd, else cron on Linux, the Task Scheduler on Windows, launchd on\n"
        "macOS. It calls run --scheduled every hour, which scans when it is due (run_every_hours), spread at random\n"
        "(spread_minutes) and never in quiet_hours. --dry-run shows what would be written and run. Needs the\n"
        "administrator's rights.",
    ),
    "more.uninstall": (
        "删除 install 写入的定时任务，以及本机的密钥、待发与已导出清单、各种状态文件；不联系核查端。\n"
        "在核查端停用这台计算机：zhengban agents revoke 编号。目录中不是我们写的文件不会删除，会列出。",
        "Removes the timer that install wrote, the key, what waits and what was exported, and every file of state;\n"
        "asks the checker nothing (there: zhengban agents revoke ID). Files in our folder that are not ours stay and\n"
        "are named.",
    ),
    "more.doctor": (
        "完整扫描一次但不保存，逐个来源说明读到多少、没读到什么及原因，并试连核查端。只读取，随时可以运行。\n"
        "退出码：0 正常；3 有来源未能读取，或核查端未应答。",
        "Scans without keeping anything, says of each source how much was read and what not and why, and tries the\n"
        "checker. Reads only; run it whenever you like.\n"
        "Exit codes: 0 all is well; 3 a source could not be read, or the checker does not answer.",
    ),
    "option.state": ("存放密钥和待发清单的目录", "folder of the key and of what waits"),
    "option.config": ("设置文件（INI，[agent] 一节）", "settings file (INI, section [agent])"),
    "option.set": ("本次使用的设置，可重复", "a setting for this run, may be repeated"),
    "option.language": ("提示语言：zh_CN 或 en", "language of messages: zh_CN or en"),
    "option.version": ("显示版本后退出", "show the version and exit"),
    "option.help": ("显示本说明后退出", "show this help and exit"),
    "option.watchlist": (
        "按该文件查找文件、主机名和许可文件中的字样",
        "look for the files, host names and words of licence files that this file names",
    ),
    "watchlist.not_fetched": (
        "查找清单未能更新，沿用上一份：{why}",
        "The list of what to look for could not be brought up to date, the last one stays: {why}",
    ),
    "option.root": (
        "扫描此目录（挂载的磁盘或按原目录结构记录的计算机），不扫描本机",
        "scan this folder (a mounted disk, or a machine recorded in its own layout) instead of this machine",
    ),
    "option.output": (
        "把清单写入文件，“-”为标准输出；不给出时放入待发目录",
        "write the inventory to a file, - for standard output; without it, it waits to be sent",
    ),
    "option.now": (
        "立即发送，即使核查端曾要求稍后再来",
        "ask the checker now, although it asked for more time",
    ),
    "option.deep": (
        "立即重新读取深度来源，不论上次何时读取",
        "read the deep sources now, whenever they were read last",
    ),
    "option.timings": ("列出每个采集器的用时", "say what each collector cost"),
    "option.scheduled": (
        "由定时任务调用：未到期或在 quiet_hours 内则不运行",
        "called by the timer: do nothing before it is due or in quiet_hours",
    ),
    "option.dry_run": ("只显示将要做的事", "show what would be done, do nothing"),
    "option.scheduler": (
        "不按系统自动选择：systemd、cron、task_scheduler 或 launchd",
        "instead of the system's own choice: systemd, cron, task_scheduler or launchd",
    ),
    "option.export_output": ("写入的文件，扩展名用 .zbx", "the file to write, by custom with the ending .zbx"),
    "option.seal": (
        "同时加密（需要 Python 库 cryptography）",
        "encrypt it too (needs the Python library cryptography)",
    ),
    "option.again": ("连同以前已导出的清单", "with what was exported before"),
    "option.enrolment_file": (
        "核查端 zhengban agents offline 写出的登记文件（不联网时使用）",
        "the file that zhengban agents offline wrote (for closed networks)",
    ),
    "option.privacy": (
        "列出会上报的每一项内容、含义和本机示例，以及从不上报的内容",
        "print every fact that would be sent, what it means, an example from this machine, and what is never sent",
    ),
    "option.server": ("核查端地址，如 https://checker.example:8443", "the checker, https://checker.example:8443"),
    "option.token": (
        "核查端签发的一次性登记码，“-”为从标准输入读取",
        "the one-time token that the checker issued; - reads it from standard input",
    ),
    "option.name": ("登记时使用的计算机名", "name to enrol under, else the host's own"),
    "option.source": ("采集器名称：{sources}", "a collector: {sources}"),
    "option.file": ("记录文件", "the recorded file"),
    "epilog": (
        "示例：\n"
        "  zhengban-agent scan --output 本机清单.json\n"
        "  zhengban-agent scan --root /mnt/disk --output -\n"
        "  zhengban-agent enrol --server https://checker.example:8443 --token 登记码\n"
        "  zhengban-agent run\n"
        "  zhengban-agent read dpkg /var/lib/dpkg/status\n"
        "  zhengban-agent export --output 本机.zbx\n"
        "  zhengban-agent install\n"
        "  zhengban-agent doctor --privacy\n\n"
        "设置（--set 名称=值，优先于环境变量 ZHENGBAN_AGENT_名称，优先于设置文件，优先于默认值）：\n"
        "{settings}\n\n"
        "退出码：0 完成；2 用法有误；3 未能完成或不完整。",
        "examples:\n"
        "  zhengban-agent scan --output inventory.json\n"
        "  zhengban-agent scan --root /mnt/disk --output -\n"
        "  zhengban-agent enrol --server https://checker.example:8443 --token TOKEN\n"
        "  zhengban-agent run\n"
        "  zhengban-agent read dpkg /var/lib/dpkg/status\n"
        "  zhengban-agent export --output this-machine.zbx\n"
        "  zhengban-agent install\n"
        "  zhengban-agent doctor --privacy\n\n"
        "settings (--set NAME=VALUE beats the environment ZHENGBAN_AGENT_NAME, which beats the file, which beats\n"
        "the default):\n"
        "{settings}\n\n"
        "exit codes: 0 done; 2 wrong usage; 3 could not be done or is incomplete.",
    ),
    "scan.done": (
        "已扫描：软件记录 {software} 条，运行程序 {programs} 个；范围："
        "完整 {complete}，部分 {partial}，无此来源 {absent}，失败 {failed}。",
        "Scanned: {software} software records, {programs} running programs; "
        "scopes: {complete} complete, {partial} partial, {absent} absent, {failed} failed.",
    ),
    "scan.written": ("清单已写入 {path}。", "The inventory is in {path}."),
    "scan.spooled": ("清单已保存，待发 {waiting} 份。", "The inventory is kept; {waiting} waiting to be sent."),
    "scan.dropped": (
        "待发目录已满，已丢弃最旧的 {count} 份未发清单。",
        "The spool is full: the {count} oldest unsent inventories were dropped.",
    ),
    "scan.running": (
        "本机已有一次扫描正在进行（进程 {process}），本次未扫描。",
        "Another scan of this machine is running (process {process}); nothing was scanned.",
    ),
    "scan.no_folder": ("{path}：没有这个目录", "{path}: no such folder"),
    "scan.timing": ("{milliseconds} 毫秒  {collector}", "{milliseconds} ms  {collector}"),
    "export.done": (
        "已将 {count} 份清单写入 {path}（{seal}）。",
        "{count} inventories are in {path} ({seal}).",
    ),
    "export.sealed": ("已加密", "encrypted"),
    "export.open": ("已签名，未加密", "signed, not encrypted"),
    "export.nothing": ("没有可导出的清单，未写文件。", "Nothing to export; no file was written."),
    "export.damaged": ("{name}：{why}，未导出", "{name}: {why}; not exported"),
    "install.file": ("写入 {path}：", "{path}:"),
    "install.command": ("运行：{command}", "run: {command}"),
    "install.done": ("已登记定时任务（{scheduler}）：{paths}", "The timer is registered ({scheduler}): {paths}"),
    "install.not_enrolled": (
        "本机尚未登记：清单会留在待发目录，直到 zhengban-agent enrol 之后。",
        "This machine is not enrolled: inventories wait until zhengban-agent enrol was run.",
    ),
    "install.failed": ("命令未成功：{command}：{why}", "a command failed: {command}: {why}"),
    "uninstall.file": ("删除 {path}", "remove {path}"),
    "uninstall.left": ("保留（不是采集程序的文件）：{path}", "left alone, not a file of the agent: {path}"),
    "uninstall.done": (
        "已卸载，本机不再留有采集程序的数据。",
        "Uninstalled: nothing of the agent's data is left here.",
    ),
    "send.done": (
        "核查端已收存 {committed} 份，退回 {refused} 份，尚余 {left} 份。",
        "The checker has {committed}, refused {refused}; {left} left.",
    ),
    "send.not_before": (
        "核查端要求在 {when} 之前不要再发；清单仍在。要立即发送，请用 send --now。",
        "The checker asked not to be asked before {when}; everything is kept. send --now asks all the same.",
    ),
    "send.nothing": ("没有待发清单。", "Nothing waits to be sent."),
    "send.refused": ("核查端退回：{reason}（已移入 {folder}）", "The checker refused: {reason} (moved to {folder})"),
    "send.stopped": (
        "未能送达：{why}；清单仍在，下次再发。",
        "Not delivered: {why}; everything is kept for the next send.",
    ),
    "send.not_enrolled": (
        "本机尚未登记。请先运行 zhengban-agent enrol --server 地址 --token 登记码。",
        "This machine is not enrolled. Run zhengban-agent enrol --server URL --token TOKEN first.",
    ),
    "enrol.done": ("已登记，编号 {agent_id}，密钥存于 {folder}。", "Enrolled as {agent_id}; the key is in {folder}."),
    "enrol.no_token": ("登记码为空", "the token is empty"),
    "enrol.no_server": ("请用 --server 给出核查端地址", "name the checker with --server"),
    "read.nothing": (
        "{path}：其中没有 {source} 的记录",
        "{path}: holds no record of {source}",
    ),
    "read.missing": ("{path}：没有这个文件", "{path}: no such file"),
    "wrong.language": ("language：应为 zh_CN 或 en，实为 {wanted}", "language: expected zh_CN or en, got {wanted}"),
    "wrong.set": ("--set：应为 名称=值，实为 {given}", "--set: expected NAME=VALUE, got {given}"),
    "failed.memory": (
        "未能完成：内存不足，请调高设置 max_memory_bytes",
        "Could not be done: not enough memory; raise the setting max_memory_bytes",
    ),
    "failed": ("未能完成：{why}", "Could not be done: {why}"),
    "doctor.machine": ("本机：{name}，{system}，{architecture}", "This machine: {name}, {system}, {architecture}"),
    "doctor.unknown": ("未知", "not known"),
    "doctor.privileged.yes": ("以管理员身份运行。", "Running with the administrator's rights."),
    "doctor.privileged.no": (
        "以普通用户身份运行：仅管理员可读的内容（如整机序列号、其他用户的程序）无法读取。",
        "Running as an ordinary user: what only the administrator may read "
        "(serial numbers, other users' programs) is not seen.",
    ),
    "doctor.privileged.unknown": (
        "无法判断是否具有管理员权限。",
        "Whether we have the administrator's rights is not known.",
    ),
    "doctor.scopes": ("各来源：", "Sources:"),
    "doctor.scope.complete": ("  完整      {scope}：{found} 条", "  complete  {scope}: {found} records"),
    "doctor.scope.partial": (
        "  部分      {scope}：{found} 条，另有内容未能读取",
        "  partial   {scope}: {found} records, and some that could not be read",
    ),
    "doctor.scope.absent": ("  无此来源  {scope}", "  absent    {scope}: this machine has no such source"),
    "doctor.scope.failed": (
        "  失败      {scope}：未能读取",
        "  failed    {scope}: could not be read",
    ),
    "doctor.all_seen": (
        "结论：本机现有的来源均已完整读取。",
        "In short: every source that this machine has was read in full.",
    ),
    "doctor.not_all_seen": (
        "结论：{partial} 个来源只读到一部分，{failed} 个来源未能读取，原因见各来源下方；这些来源中没有看到的软件，"
        "核查端不会当作已卸载。",
        "In short: {partial} sources were read in part and {failed} not at all, for the reasons above. The checker "
        "takes nothing in them that was not seen as removed.",
    ),
    "doctor.advice": (
        "建议以管理员身份再运行一次。",
        "Run this again with the administrator's rights.",
    ),
    "doctor.fault": ("              {where}：{what}", "              {where}: {what}"),
    "doctor.fault_of_scope": ("              原因：{what}", "              because: {what}"),
    "doctor.more": ("              另有 {count} 处", "              and {count} more"),
    "doctor.cut": ("              已截断：{cut}", "              cut short: {cut}"),
    "doctor.enrolled": ("已向 {server} 登记，编号 {agent_id}。", "Enrolled with {server} as {agent_id}."),
    "doctor.not_enrolled": ("尚未登记。", "Not enrolled."),
    "doctor.enrolment_broken": ("登记信息不可用：{why}", "The enrolment cannot be used: {why}"),
    "doctor.reachable": ("核查端 {server} 有应答。", "The checker at {server} answers."),
    "doctor.unreachable": ("核查端未应答：{why}", "The checker does not answer: {why}"),
    "doctor.no_server": ("没有设置核查端地址。", "No checker is set."),
    "doctor.spool": (
        "待发 {waiting} 份，被退回 {refused} 份，因空间不足已丢弃 {dropped} 份。存放目录：{folder}",
        "{waiting} waiting, {refused} refused, {dropped} dropped for want of room. Folder: {folder}",
    ),
    "doctor.refusal": ("  {name}：{reason}", "  {name}: {reason}"),
    "doctor.psutil.used": (
        "进程由 psutil {version} 读取。",
        "Processes are read by psutil {version}.",
    ),
    "doctor.psutil.unused": (
        "psutil {version} 已安装但未使用：/proc 已足够。",
        "psutil {version} is installed and not used: /proc is enough.",
    ),
    "doctor.psutil.missing": (
        "未安装 psutil：进程由系统自身的接口读取。",
        "psutil is not installed: processes are read from the system itself.",
    ),
    "doctor.requests.used": (
        "发送使用 requests {version}。",
        "Sending uses requests {version}.",
    ),
    "doctor.requests.missing": (
        "未安装 requests：发送使用 Python 标准库。",
        "requests is not installed: sending uses Python's standard library.",
    ),
    "doctor.clock": (
        "本机时钟与核查端相差 {seconds} 秒，超过 {limit} 秒时签名会被拒绝，请校准时钟。",
        "This clock is {seconds} s off the checker's; beyond {limit} s signatures are refused: set it.",
    ),
    "doctor.deep": (
        "深度来源：本次已全部读取；定时扫描时每 {hours:g} 小时最多一次，软件清单不变则每 {days:g} 天一次。",
        "Deep sources: all were read now; timed scans read them at most every {hours:g} hours, and every {days:g}\n"
        "days while the software list is the same.",
    ),
    "doctor.usage.off": ("使用情况不登记（usage_notice 为空）。", "Usage is not recorded (usage_notice is empty)."),
    "doctor.usage.on": (
        "登记程序最后使用的月份，依据“{notice}”。",
        "The month of last use is recorded under '{notice}'.",
    ),
    "privacy.sent": (
        "以下是本机此刻会上报的全部内容：每一项的含义和本机示例。没有示例的项，本机没有这样的内容。",
        "Everything that this machine would send now: each fact, what it means, an example from here. A fact without\n"
        "an example is one that this machine does not have.",
    ),
    "privacy.section": ("{name}（{count} 项）", "{name} ({count})"),
    "privacy.example": ("；示例：{example}", "; here: {example}"),
    "privacy.never": ("从不读取、不上报：", "Never read and never sent:"),
    "privacy.usage.off": (
        "使用情况：未启用（usage_notice 为空）。",
        "Usage evidence: off (usage_notice is empty).",
    ),
    "privacy.usage.on": (
        "使用情况：已启用，依据告知书“{notice}”，只登记程序最后使用的月份，不涉及个人。",
        "Usage evidence: on, under the notice '{notice}': the month of the last use of a program, of no person.",
    ),
    "doctor.python": ("采集程序 {agent}，Python {python}。", "Agent {agent}, Python {python}."),
}
