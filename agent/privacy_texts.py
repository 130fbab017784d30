"""What every field of a document means, in Chinese and English: the words of `doctor --privacy` and of the handbook.

A test holds this table to the contract: a field without a line here cannot ship.
"""

from __future__ import annotations

FIELDS_TEXT = """
document.contract|清单格式版本|version of the document's form
document.collected_at|扫描时间（UTC）|when the scan was made (UTC)
scanner.name|采集程序名称|the scanning program
scanner.version|采集程序版本|its version
scanner.agent_id|登记编号|the id that enrolment gave
scanner.privileged|是否以管理员权限扫描|whether it ran with the administrator's rights
scanner.recorded|扫描的是目录或磁盘而非本机|whether a folder or disk was scanned instead of a running system
host.name|计算机名|host name of the computer
host.domain|域名|its domain
host.manufacturer|整机厂商|maker of the computer
host.model|整机型号|its model
host.serial|整机序列号，用于与固定资产台账核对|its serial number, to compare with the register of assets
host.board_serial|主板序列号|serial number of the board
host.uuid|固件中的 UUID|UUID in the firmware
host.asset_tag|固件中的资产标签|asset tag in the firmware
host.mac_addresses|物理网卡地址|addresses of the physical network cards
host.chassis|机型类别：服务器、台式、便携、虚拟|server, desktop, portable or virtual
host.chassis_code|机型类别代码|the firmware's code for that
host.memory_bytes|内存容量|size of memory
host.virtual|是否虚拟机|whether it is a virtual machine
host.virtual_kind|虚拟化类型|of which kind
host.operating_system|操作系统（见下）|operating system, below
host.processors|处理器（见下），按核计费的软件需要|processors, below: some licences count cores
operating_system.family|系统类别|family of the system
operating_system.name|系统名称|its name
operating_system.version|系统版本|its version
operating_system.edition|系统版次（专业版、家庭版等）|its edition
operating_system.release|发行版本（22H2、V10 SP1 等）|its release
operating_system.build|内部版本号|its build
operating_system.architecture|体系结构|architecture
operating_system.kernel|内核版本|kernel
operating_system.distribution|发行版标识|distribution
operating_system.installation_id|系统安装标识，重装后改变|id of the installation; a new installation has another
operating_system.installed_on|系统安装日期|day of installation
operating_system.language|系统语言|language of the system
processor.name|处理器型号|model of the processor
processor.cores|核数|cores
processor.threads|线程数|threads
software.source|从哪个来源读到|the source that names it
software.name|软件名称|name of the software
software.scope|所属的扫描范围|the scope it was found in
software.seen_at|在何处读到（注册表键、文件等）|where exactly: registry key, file
software.version|版本|version
software.publisher|发布者|publisher
software.identifier|来源中的标识（包名、产品代码）|the source's own id
software.architecture|体系结构|architecture
software.language|语言|language
software.installed_on|安装日期|day of installation
software.install_date_raw|来源所写的安装日期原文|that day as the source writes it
software.location|安装位置，个人文件夹改为化名|place of installation; folders of people as pseudonyms
software.size_bytes|大小|size
software.per_user|是否只为一个用户安装（不登记是谁）|installed for one user only (not for whom)
software.origin|供应方或软件仓库|who delivered it: vendor, repository
software.section|来源中的分类|the source's own class
software.licence|来源所写的许可文字|the source's own licence words
software.parent|所属的上级条目|the entry it belongs to
software.system_component|是否系统组成部分|whether it is a part of the system
software.update|是否更新补丁|whether it is an update
software.upgrade_code|安装程序的升级代码|upgrade code of the installer
software.edition|来源所写的版次|edition in the source's words
software.licence_channel|许可渠道（零售、批量、订阅等）|channel of the licence: retail, volume, subscription
software.release_type|发行类型（更新、安全更新等）|type of the release: update, hotfix
software.spdx|许可的 SPDX 表达式|licence as SPDX expression
software.signature|数字签名是否有效|whether its signature is valid
software.signer|签名者|who signed it
software.last_used|最后使用的月份，不涉及个人；告知员工之前不登记|month of the last use; off until staff had notice
coverage.source|采集器|the collector
coverage.scope|扫描范围；Windows 用户范围以 SID 区分，不查姓名|the scope; a Windows user's by SID, never looked up
coverage.outcome|读取结果：完整、部分、无、失败|how far it was read
coverage.found|读到的条数|how many records
coverage.faults|未能读取的内容（见下）|what could not be read, below
coverage.more_faults|另有多少处未能读取|how many more faults
coverage.took_ms|用时|time it took
coverage.cut|因限额被截断的说明|the limit that cut it short
coverage.read_at|沿用以前读取结果时，当时的时间|when it was read, when the records are those of an earlier scan
fault.where|何处|where
fault.what|什么问题|what was wrong
program.name|扫描时正在运行的程序文件名|file name of a program that ran during the scan
program.path|程序位置，个人文件夹写作 ~|its place; folders of people as ~
program.scope|所属的扫描范围|the scope it was found in
program.instances|运行个数（不登记由谁运行）|how many ran (not who ran them)
activation.kind|哪一类授权状态：Windows、Office、UOS、麒麟、WPS 等|of what: Windows, Office, UOS, Kylin, WPS
activation.scope|所属的扫描范围|the scope it was found in
activation.seen_at|在何处读到|where exactly
activation.product|产品|product
activation.description|产品与授权渠道的说明文字|description of product and channel
activation.application_id|授权应用标识|id of the licensed application
activation.activation_id|授权条目标识|id of the licence
activation.product_id|安装时生成的产品编号，不是密钥|product id of the installation; no key
activation.licence_family|授权类别|class of the licence
activation.channel|授权渠道|channel of the licence
activation.key_channel|密钥渠道|channel of the key
activation.key_last5|密钥末五位；完整密钥从不登记|last five characters of the key; never the whole key
activation.status_code|状态代码|code of the state
activation.status|状态原文|the source's word for the state
activation.state|状态含义|what it means
activation.reason|状态原因代码|why, as a code
activation.genuine_code|正版验证代码|code of the genuine check
activation.kms_host|设定的激活服务器|the activation server that was set
activation.kms_port|其端口|its port
activation.discovered_kms_host|通过 DNS 找到的激活服务器|the activation server found by DNS
activation.discovered_kms_port|其端口|its port
activation.kms_address|最近一次激活的服务器地址|address of the server that activated last
activation.is_kms_host|本机是否为激活服务器|whether this machine activates others
activation.by_directory|是否由活动目录激活|whether a directory activated it
activation.grace_minutes|宽限期剩余分钟|minutes left of the grace period
activation.evaluation_end|评估版到期时间|end of an evaluation
activation.expires_at|到期日期|end of the licence
activation.expires_raw|到期日期原文|that end as the source writes it
trace.kind|哪一类迹象：服务、计划任务、监视名单文件等|of what kind: service, scheduled task, watched file …
trace.name|名称|its name
trace.scope|所属的扫描范围|the scope it was found in
trace.seen_at|在何处读到|where exactly
trace.path|位置，个人文件夹改为化名|its place; folders of people as pseudonyms
trace.value|值（如 hosts 中与监视名单相符的一行的地址）|its value, such as the address of a hosts line on the watchlist
trace.state|状态|its state
trace.start|启动方式|how it starts
trace.version|版本|version
trace.publisher|发布者|publisher
trace.product|产品|product
trace.size_bytes|文件大小|size of the file
trace.sha256|文件摘要|digest of the file
trace.signature|数字签名是否有效|whether its signature is valid
trace.signer|签名者|who signed it
trace.day|文件修改日期或事件日期；使用情况只到月份|day of its last change or of the event; of usage the month alone
trace.watch|监视名单中的条目|the entry of the watchlist that asked for it
licence_feature.technology|许可技术（FlexNet 等）|licence technology
licence_feature.feature|许可项|feature
licence_feature.scope|所属的扫描范围|the scope it was found in
licence_feature.seen_at|在何处读到|where exactly
licence_feature.kind|浮动、节点锁定等|floating, node-locked …
licence_feature.vendor|供应方|vendor
licence_feature.product|产品|product
licence_feature.version|版本|version
licence_feature.edition|版次|edition
licence_feature.server|许可服务器|licence server
licence_feature.port|端口|port
licence_feature.server_status|服务器状态|state of the server
licence_feature.total|许可总数|seats issued
licence_feature.used|已用数|seats in use
licence_feature.reserved|保留数|seats reserved
licence_feature.queued|排队数|seats waited for
licence_feature.starts_on|生效日期|first day
licence_feature.expires_on|到期日期|last day
licence_feature.permanent|是否永久|whether it never ends
licence_feature.expires_raw|到期日期原文|its end as written
licence_feature.issued_on|签发日期|day of issue
licence_feature.host_id|绑定的主机标识|the host id it is bound to
licence_feature.licensee|许可证上的单位名称|the organisation that the licence names
licence_feature.serial_tail|序列号末五位|last five characters of its serial number
licence_feature.components|包含的许可项|features that it holds
licence_feature.uses|占用情况（见下）|check-outs, below
licence_use.user|占用账户的化名|a pseudonym of the account
licence_use.host|占用的主机|the host
licence_use.display|显示标识|the display
licence_use.version|版本|version
licence_use.since|起始时间|since when
licence_use.since_raw|起始时间原文|that as written
licence_use.count|占用数|seats held
licence_use.queued|是否在排队|whether it waits
database.kind|数据库类别|kind of database
database.name|实例名|name of the instance
database.scope|所属的扫描范围|the scope it was found in
database.seen_at|在何处读到|where exactly
database.product|产品|product
database.version|版本|version
database.edition|版次|edition
database.state|是否运行|whether it runs
database.port|端口|port
database.location|安装位置|place of installation
database.databases|库名（不读取数据）|names of the databases (no data is read)
database.size_bytes|大小|size
database.started_at|启动时间|when it started
database.cores_used|可使用的核数|cores that it may use
database.options|已启用的单独授权选项|options that are licensed apart
database.licence_model|许可方式|licence model
guest.kind|虚拟机或容器的类别|kind of virtual machine or container
guest.name|名称|name
guest.scope|所属的扫描范围|the scope it was found in
guest.seen_at|在何处读到|where exactly
guest.uuid|UUID|UUID
guest.state|状态|state
guest.virtual_processors|虚拟处理器数|virtual processors
guest.memory_bytes|内存|memory
guest.operating_system|其中的操作系统|its operating system
guest.image|容器映像|image of a container
guest.mac_addresses|网卡地址|network addresses
"""

HEADINGS = {
    "document": ("清单", "The document"),
    "scanner": ("采集程序", "The scanner"),
    "host": ("计算机", "The computer"),
    "operating_system": ("操作系统", "Its operating system"),
    "processor": ("处理器", "Its processors"),
    "software": ("软件", "Software"),
    "coverage": ("读取情况", "How far each source was read"),
    "fault": ("未能读取之处", "What could not be read"),
    "program": ("正在运行的程序", "Programs that run"),
    "activation": ("激活与授权状态", "Activation"),
    "trace": ("与授权有关的迹象", "Signs of licences and of tampering"),
    "licence_feature": ("许可服务器与许可文件", "Licence servers and licence files"),
    "licence_use": ("许可占用", "Check-outs of a licence"),
    "database": ("数据库实例", "Database instances"),
    "guest": ("虚拟机、容器", "Virtual machines and containers"),
}

NEVER = (
    (
        "用户名、账户、姓名；谁登录过、谁运行了程序",
        "names of users, accounts or people; who logged on, who ran a program",
    ),
    (
        "个人文档及其文件名；文档、桌面、下载目录和移动、网络磁盘不读取",
        "documents and their names; the folders Documents, Desktop and Downloads, removable and network drives",
    ),
    ("浏览记录、邮件、聊天、剪贴板、屏幕内容", "browsing, mail, chats, clipboard, screen"),
    (
        "程序的命令行参数和环境变量（许可服务器变量除外）",
        "arguments of programs, environment variables (but those that name licence servers)",
    ),
    (
        "完整的产品密钥、许可证签名、口令、证书",
        "whole product keys, signatures of licences, passwords, certificates",
    ),
    ("hosts 文件中与监视名单无关的行", "lines of the hosts file that are not on the watchlist"),
    (
        "具体的使用时间；未告知员工之前，连使用月份也不登记",
        "times of use; and until staff were given notice, not even the month",
    ),
    ("位置信息、摄像头、麦克风", "location, camera, microphone"),
)


def meanings() -> dict[str, dict[str, tuple[str, str]]]:
    """Return section → field → meaning in Chinese and English, in the order in which they are printed."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for line in FIELDS_TEXT.strip().splitlines():
        name, chinese, english = line.split("|")
        section, _, field = name.partition(".")
        found.setdefault(section, {})[field] = (chinese, english)
    return found
