"""The reasons of the judges in Chinese, for the documentation. A reason without a translation stands in English."""

from __future__ import annotations

_CHINESE = {
    "the port is the server's usual one, which no recorded answer says; we do not guess it": (
        "答案的端口是该服务器的惯用端口，记录中没有任何一处说明；我们不推测"
    ),
    "Db2 writes month/day/year; the expected answer took the day for the month: 9 February lies before the release "
    "(s2106111000, June 2021) was built, 2 September on the day of the last change in the database": (
        "Db2 按月/日/年书写，答案把日当成了月：2 月 9 日早于该版本的构建时间（s2106111000，2021 年 6 月），"
        "而 9 月 2 日正是库中最后一次变更的日期"
    ),
    "the other tool lists databases only when it may connect; the directory of the server names them anyway": (
        "对方只在能够连接时列出数据库；服务器自己的目录已写明其名称，我们照列"
    ),
    "the counts there are the firmware's, which contradict this Windows; ours are its management class's": (
        "对方的核数取自固件表，与该 Windows 自述不一致；我们按 Windows 管理类登记"
    ),
    "the key of the set-up stands in the registry; the answer has the newer one of the licensing service alone": (
        "注册表中留有安装时的密钥；答案只列许可服务中较新的一个"
    ),
    "the expected name was taken from the firmware's tables; we report the processor's own text": (
        "答案的处理器名称取自固件表；我们登记处理器自报的名称"
    ),
    "Windows lists this component among its updates; it is reported though it bears no article number": (
        "Windows 把该组件列在更新中；虽无知识库编号，我们照列"
    ),
    "an entry without a name says of no program which it is; it is left out": ("没有名称的条目看不出是哪个程序，不列"),
    "a bundle without a short version has its build number as version, which macOS shows as well": (
        "没有短版本号的应用以构建号为版本，macOS 自己也这样显示"
    ),
    "a bundle without a version is an application all the same, and is listed without one": (
        "没有版本号的应用仍是应用，照列，版本留空"
    ),
    "a size that is not stated is 0 there and nothing in ours": "来源未写大小时，对方记 0，我们留空",
    "filesets that drive devices are left out there; ours has them, marked as parts of the system": (
        "对方略去设备驱动文件集，我们列出并标为系统组件"
    ),
    "of several licences the answer has the first; ours lists each": "有多个许可时，答案只取第一个，我们逐一列出",
    "patches are left out there; ours has them, marked as updates": "对方略去补丁，我们列出并标为更新",
    "the answer holds a program up to date that does not say so; ours claims nothing there": (
        "对方把未说明病毒库是否最新的程序记为最新，我们不作此判断"
    ),
    "the day is that of the reader's time zone there; ours is UTC": "对方按读取者的时区计日，我们按 UTC",
    "the parts of snapd itself are left out there; ours has them, marked as parts of the system": (
        "对方略去 snapd 自身的组件，我们列出并标为系统组件"
    ),
    "the publisher is guessed there from the bundle id (com.NAME.…); an id is no legal name, so ours is empty": (
        "对方由包标识（com.名称.…）推测发布者；标识不是法定名称，我们留空"
    ),
}


def in_chinese(reason: str) -> str:
    """Return a reason in Chinese, as it is when nobody translated it."""
    return _CHINESE.get(reason, reason)
