"""The table of general rules: things that are nobody's licence by themselves, told by name, key, publisher or marks.

Order counts: the first that holds decides. All patterns are RE2, anchored at both ends, and do not see case. What a
catalogue product takes never comes here.
"""

from __future__ import annotations

from rules.generic_families import DEVICE_TOOL, FAMILIES, MACOS_NAMED_PART, NO_DEVICE_TOOL
from rules.generic_rule import GenericRule
from rules.product import Category, Kind, LicenceClass

UPDATE = GenericRule(
    "update",
    Kind.UPDATE,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    r".*\(?\bKB ?\d{6,8}\b.*|((Security|Critical|Definition|Cumulative|Language Interface) )?(Update|Hotfix) for .*|"
    r"\{[0-9A-F-]{36}\}(\.KB\d{6,8}.*|_Office\d\d\..*)|"
    r"(Hotfix|Service Pack) \d+ (for|of) .*|.* Service Pack \d+ \(KB.*|"
    r".*(安全更新|累积更新|更新程序|修补程序) ?\(?KB.*|(Microsoft|Windows) .*(安全更新|更新程序|修补程序).*|"
    r"(Sicherheitsupdate|Update) für .*|Mise à jour (de sécurité )?(pour|de) .*|"
    r"Actualización (de seguridad )?para .*|"
    r"(Обновление (безопасности )?(для|продуктов?) .*|Исправление .*)|(セキュリティ )?更新プログラム.*",
)
LANGUAGE_PACK = GenericRule(
    "language-pack",
    Kind.LANGUAGE_PACK,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    r".*\blanguage (interface )?pack\b.*|.*\blanguagepack\b.*|.*(语言包|本地体验包|语言界面包|語言套件).*|"
    r".*Local Experience Pack.*|Microsoft\.LanguageExperiencePack.*|Module linguistique .*|.*Sprachpaket.*|"
    r"(Языковой пакет|Пакет локализованного интерфейса) .*|Paquete de idioma .*|.*言語パック.*|"
    r"Microsoft .*\b(MUI|Proof|Proofing)\b.*|Microsoft .*(校对工具|多语言用户界面|Средства проверки правописания).*|"
    r"Outils de vérification linguistique .*|Herramientas de corrección de .*|Ferramentas de Verificação .*|"
    r"(Microsoft )?Korrekturhilfen .*|Strumenti di correzione .*|Корректор .*|"
    r".* Language Support|.* (User Interface|MUI) Pack.*",
)
DRIVER = GenericRule(
    "driver",
    Kind.DRIVER,
    LicenceClass.BUNDLED,
    Category.DRIVER,
    r".*\bdrivers?( (software|package|installer|suite|setup|component|update))?( \(?[xv]?[\d.]+.*)?|"
    r"Windows Driver Package - .*|Windows 驱动程序包 - .*|Пакет драйверов Windows - .*|"
    r".*驱动(程序)?(软件)?([ \dvV(].*)?|.*\b(chipset|serial io|management engine)\b.*|"
    r".*(芯片组|显卡|声卡|网卡|打印机|扫描仪).*驱动.*|.*芯片组设备软件|"
    r".*([Dд]райвер|-treiber)\b.*|.*[Дд]райвер.*|(driver d[aeo]|driver para|pilote|controlador) .*|"
    r".* (odbc )?driver \(\*\..*\)|(SQL Server|.*\b(ODBC|OLE ?DB) (Driver|Provider)\b.*|Microsoft ODBC for .*)|"
    r".*\b(HD audio|audio device|card ?reader|bluetooth suite|wireless lan|ethernet|touch ?pad|USB ?3\.\d)\b.*",
)
STORE_RUNTIME = GenericRule(
    "store-runtime",
    Kind.RUNTIME,
    LicenceClass.BUNDLED,
    Category.RUNTIME,
    r"Microsoft\.(VCLibs|NET\.Native|UI\.Xaml|WindowsAppRuntime|WinJS|Advertising|Services\.Store|DirectX)[\w.-]*|"
    r"(MicrosoftCorporationII\.)?Win(dows)?AppRuntime.*|Microsoft \.NET Native .*|Microsoft Engagement Framework|"
    r"Microsoft\.WinAppRuntime.*",
    platforms=("windows",),
)
WINDOWS_PART = GenericRule(
    "windows-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    r"Microsoft\.[\w.]+\.CBS(\.[\w.]+)?|MicrosoftWindows\.[\w.-]+|Windows\.[\w.-]+|Microsoft\.(Windows\.?\w[\w.-]*|Win32WebViewHost|LockApp|"
    r"ECApp|BioEnrollment|"
    r"CredDialogHost|AccountsControl|AsyncTextService|AAD\.[\w.]+|XboxGameCallableUI|MicrosoftEdgeDevToolsClient|"
    r"Xbox[\w.]*|Zune\w+|Bing\w+|Paint|MSPaint|ScreenSketch|GetHelp|Getstarted|People|YourPhone|Wallet|"
    r"Print3D|3DBuilder|"
    r"Microsoft3DViewer|MixedReality\.Portal|MicrosoftStickyNotes|MicrosoftSolitaireCollection|\w+VideoExtensions?|"
    r"\w+ImageExtensions?|WebMediaExtensions|StorePurchaseApp|DesktopAppInstaller|OneConnect|Messaging|GamingApp|"
    r"StartExperiencesApp|ApplicationCompatibilityEnhancements|Todos|PowerAutomateDesktop|OneDriveSync|Windows)|"
    r"MicrosoftCorporationII\.(QuickAssist|MicrosoftFamily|WindowsSubsystemFor\w+)|"
    r"(AV1|VP9|HEIF|HEVC|MPEG-2|Web Media|Webp|Raw)( Video| Image)? Extensions?|"
    r"Xbox( TCUI| Game Bar( Plugin)?| Identity Provider| Game Speech Window| Live)?|Game Bar|"
    r"Windows (Security|Terminal|"
    r"Sound Recorder|Camera|Clock|Calculator|Notepad|Media Player|Maps|Voice Recorder|Web Experience Pack|"
    r"Package Manager Source.*|CoPilot .*|Subsystem for .*|Feature Experience Pack|Mobility Center)|"
    r"Microsoft (Store|Family|"
    r"To Do|Sticky Notes|Photos|People|Tips|Clipchamp)|Mail and Calendar|Feedback Hub|Phone Link|Snipping Tool|Paint|"
    r"Cortana|App Installer|Widgets Platform Runtime|Cross Device Experience Host|(Web Search|"
    r"Search) from Microsoft Bing|"
    r"Solitaire & Casual Games|News|Copilot|Get Help|Quick Assist|Internet Explorer|MDAC|"
    r"Windows Internet Explorer \d+",
    platforms=("windows",),
)
SIGNED_BY_WINDOWS = GenericRule(
    "signed-by-windows",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    publishers=r"CN=Microsoft Windows,.*",
)
RUNTIME = GenericRule(
    "runtime",
    Kind.RUNTIME,
    LicenceClass.FREE,
    Category.RUNTIME,
    r"Microsoft Visual C\+\+ .*|.*\brun-?time( (environment|package|librar(y|ies)|engine|components?|core))?( .*)?|"
    r".*\bredistributables?\b.*|.*(运行库|运行环境|运行时).*|.*\bRun Time Libraries .*|Microsoft VC\+\+ redist.*",
    platforms=("windows", "macos"),
)
FONT = GenericRule(
    "font",
    Kind.FONT,
    LicenceClass.UNKNOWN,
    Category.FONT,
    r".*\b(fonts?|typefaces?)( pack(age)?| family| collection)?( v?[\d.]+)?|.*(字体|字库)(包)?( ?v?[\d.]+)?",
)
PLUG_IN = GenericRule(
    "plug-in",
    Kind.PLUG_IN,
    LicenceClass.UNKNOWN,
    Category.OTHER,
    r".*\b(plug-?ins?|add-?ins?|add-?ons?|shell extension|extension)( (for|to) .*| \(?[xv]?[\d.]+.*| - .*)?|"
    r".*(插件|加载项|надстройка|右键扩展|外壳扩展).*",
)
HARDWARE_VENDOR = GenericRule(
    "hardware-vendor",
    Kind.APPLICATION,
    LicenceClass.BUNDLED,
    Category.UTILITY,
    unlike=NO_DEVICE_TOOL,
    publishers=r"(Intel|NVIDIA|Advanced Micro Devices|AMD|ATI Technologies|Realtek|Synaptics|ELAN|Dell|"
    r"Lenovo|ASUS|ASUSTeK|Acer|"
    r"Micro-Star|MSI|GIGABYTE|Canon|EPSON|Seiko Epson|Brother|Ricoh|Kyocera|Fuji Xerox|Xerox|Logitech|Razer|Corsair|"
    r"Qualcomm|Broadcom|MediaTek|Conexant|Dolby|DTS|Western Digital|Seagate|TOSHIBA|Fujitsu|Hewlett[- ]Packard|HP|"
    r"Alps|Wacom|Plantronics|Creative Technology|VIA Technologies|SteelSeries|联想|华硕|戴尔)\b.*",
    platforms=("windows", "macos"),
)
MACOS_PART = GenericRule(
    "macos-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    publishers=r"Apple( Inc\.?| Computer.*)?|(.*[ ,])?(©|\(c\)|Copyright)[^a-z]*\bApple\b.*",
    platforms=("macos", "other"),
)
MACOS_FOLDER = GenericRule(
    "macos-system-folder",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    sections=r"/?(System|usr|Developer)(/.*)?",
    platforms=("macos",),
)
MACOS_DEVICE = GenericRule(
    "macos-device",
    Kind.DRIVER,
    LicenceClass.BUNDLED,
    Category.DRIVER,
    sections=r"/?Library/(Printers|Image Capture|Extensions)(/.*)?",
    platforms=("macos",),
)
MACOS_SUPPORT = GenericRule(
    "macos-support-folder",
    Kind.COMPONENT,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    # Folders in which programs keep their helpers; the programs themselves lie elsewhere.
    sections=r"/?((Users|Utilisateurs)/[^/]+/)?Library/(Application Support|Application Scripts|Caches|ColorSync|"
    r"Containers|Documentation|Frameworks|Group Containers|HTTPStorages|HWPrefs|Java|LaunchAgents|Parallels|"
    r"PreferencePanes|PrivilegedHelperTools|QuickLook|Scripts|Services|StartupItems|Widgets)(/.*)?",
    platforms=("macos",),
)
MACOS_WEB_SHORTCUT = GenericRule(
    "macos-web-shortcut",
    Kind.PLUG_IN,
    LicenceClass.BUNDLED,
    Category.OTHER,
    sections=r".*/(Chrome|Edge|Brave) Apps(\.localized)?",
    platforms=("macos",),
)
MACOS_OFFICE_FOLDER = GenericRule(
    "macos-office-folder",
    Kind.COMPONENT,
    LicenceClass.BUNDLED,
    Category.OFFICE,
    sections=r"/?Applications/Microsoft Office( \d{4})?(/.*)?",
    platforms=("macos",),
)
MACOS_OWN_NAME = GenericRule(
    "macos-own-name",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    # Programs that come with the system, as it names them in Chinese, English, French and German.
    r"App Store|Automator|Dashboard|Exposé|Grapher|Launchpad|Mission Control|Front Row|Photo Booth|Time Machine|"
    r"Boot Camp Assistant|Terminal|Console|TextEdit|Mail|Messages|Safari|FaceTime|Siri|Home|Stocks|iCal|iChat|iSync|"
    r"DVD Player|QuickTime Player|Chess|Stickies|Dictionary|Calculator|Calendar|Contacts|Notes|Reminders|Maps|"
    r"Preview|Font Book|Image Capture|System Preferences|System Settings|System Information|System Profiler|"
    r"Activity Monitor|Disk Utility|Keychain Access|Migration Assistant|AirPort Utility|Audio MIDI Setup|"
    r"Bluetooth File Exchange|ColorSync Utility|Digital Colou?r Meter|Directory Utility|RAID Utility|"
    r"Remote Install Mac OS X|Script Editor|AppleScript Editor|VoiceOver Utility|Screenshot|Grab|X11|"
    r"Aide-mémoire|Aperçu|Calculette|Calendrier|Capture|Capture d[’']écran|Carnet d[’']adresses|"
    r"Colorimètre numérique|Configuration audio et MIDI|Dictionnaire|Échecs|Échange de fichiers Bluetooth|"
    r"Éditeur (AppleScript|de script)|Informations [Ss]ystème|Installation à distance de Mac OS X|Lecteur DVD|"
    r"Livre des polices|Moniteur d[’']activité|Assistant (Boot Camp|migration)|Plans|Préférences Système|"
    r"Réglages Système|Rappels|Trousseaux? d[’']accès|Transfert d[’']images|"
    r"Utilitaire (AirPort|ColorSync|RAID|VoiceOver|d[’']annuaire|d[’']archive|de disque|de réseau|de l[’']AirPort)|"
    r"Adressbuch|Aktivitätsanzeige|Audio-MIDI-Setup|Bildschirmfoto|Digitale Bilder|Erinnerungen|"
    r"Festplattendienstprogramm|Kalender|Karten|Kontakte|Lexikon|Migrationsassistent|Nachrichten|Notizen|Rechner|"
    r"Schach|Schlüsselbundverwaltung|Schriftsammlung|Systemeinstellungen|Systeminformationen|Vorschau|"
    r"便笺|备忘录|播客|地图|电子邮件|邮件|词典|磁盘工具|股市|国际象棋|活动监视器|计算器|家庭|脚本编辑器|截屏|控制台|"
    r"快捷指令|蓝牙文件交换|迁移助理|启动转换助理|日历|数码测色计|提醒事项|通讯录|图像捕捉|图书|文本编辑|系统偏好设置|"
    r"系统设置|系统信息|信息|音频 ?MIDI ?设置|音乐|语音备忘录|预览|照片|终端|字体册|钥匙串访问",
    sections=r"/?(System/)?Applications(/(Utilities|Server))?",
    platforms=("macos",),
)
MACOS_HELPER = GenericRule(
    "macos-helper",
    Kind.COMPONENT,
    LicenceClass.BUNDLED,
    Category.UTILITY,
    r"(Uninstall|Remove|Désinstaller|Désinstallation de|Deinstallier\w+) .*|"
    r".* (Uninstaller|Updater|AutoUpdate|Update Helper|Updates? Notifier|Error Reporting|Crash Reporter|"
    r"Database (Daemon|Utility)|Install(ation)? Manager|Application Installer|Setup Assistant)",
    platforms=("macos",),
    after_list=True,
)
HPUX_PART = GenericRule(
    "hpux-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    publishers=r"HP|Hewlett[- ]Packard.*",
    # OnlineJFS, MirrorDisk/UX, GlancePlus, Serviceguard and Integrity VM are bought beside the system.
    unlike=r"(B3929|B5161|B2491|B3691|B3692|B3693|B3699|B3701|T1905|T1907|T2767|Serviceguard|GlancePlus|Mirror).*",
    sources=("hpux_software",),
)
ESXI_PART = GenericRule(
    "esxi-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    publishers=r"VMW|VMware.*",
    versions=r".*vmw.*|\d+\.\d+\.\d+-\d+\.\d+\.\d{6,}",
)
AIX_PART = GenericRule(
    "aix-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    r"(bos|X11|devices|cas|idsldap|lum|smw|sysmgtlib|eclipse2|rsf|samba|EMC|[Bb]ull\w*|BULLENH_VERSION|NAVIERRLOG|"
    r"neciStorage|ldap_?\w*|ibm_ldap|dsm|sna|pci|powerscript|openct|gssd|nfs|netcd|ipfl|ipsec|efs|tsm|"
    r"Java\d*\w*|rsct|perl|ifor_ls|IMNSearch|invscout|sysmgt|printers|OpenGL|csm|adde|"
    r"artex|security|"
    r"ICU4C|Tivoli_Management_Agent|wio|expect|tcl|tk|xlC|xlopt|vac|idebug|infocenter|ldap|openssl|openssh|cdrtools|"
    r"mkisofs|rpm|Network|UMS|ATM|cifs|clic|krb5|modcrypt|gsksa|gskta|mcr|pkg_gd|lwi|"
    r"perfagent|DirectorCommonAgent|DirectorPlatformAgent|vacpp|xlmass|xlsmp|memdbg|hageo|X_?11|bullpkg|freeware)([._].*)?",
    sources=("aix_filesets",),
)
SOLARIS_PART = GenericRule(
    "solaris-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    r"SUNW.*|system/.*",
    sources=("solaris_packages",),
)
ANDROID_PART = GenericRule(
    "android-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    r"(android|com\.(android|google\.android|samsung\.(android|aasaservice|sec)|sec|qualcomm|qti|mediatek|"
    r"huawei\.(android|system\w*)|miui|coloros|vivo\.(android|system\w*)))(\.\w+)*",
    platforms=("other",),
)
PORT = GenericRule(
    "port", Kind.COMPONENT, LicenceClass.OPEN_SOURCE, Category.SYSTEM, r".*", sources=("bsd_packages", "nix", "portage")
)
HIDDEN_PART = GenericRule("hidden-part", Kind.COMPONENT, LicenceClass.UNKNOWN, Category.OTHER)
LANGUAGE_LIBRARY = GenericRule("language-library", Kind.COMPONENT, LicenceClass.UNKNOWN, Category.DEVELOPMENT)
APPLE_PART = GenericRule(
    "apple-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    # What Apple sells or gives beside the system has products of its own.
    keys=r"com\.apple\..+",
    sources=("applications", "receipts", "system_profiler"),
)
DESKTOP_TOOL = GenericRule(
    "desktop-tool",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    keys=r"(dde|deepin|uos|uniontech|kylin|ukui|peony|mate|xfce4?|gnome|kde|lxqt|pcmanfm|cinnamon|nemo|caja|thunar|"
    r"nautilus|dolphin|konsole)([-_.].*)?|ukwm.*|"
    r"(org|com|cn|top)\.(deepin|uniontech|kylin|kylinos|openkylin|ukui|gnome|kde|xfce|mate|lxqt|cinnamon|"
    r"freedesktop)\..+",
    sources=("desktop_entries",),
)

TABLE = (
    APPLE_PART,
    DESKTOP_TOOL,
    UPDATE,
    LANGUAGE_PACK,
    STORE_RUNTIME,
    SIGNED_BY_WINDOWS,
    WINDOWS_PART,
    DRIVER,
    RUNTIME,
    ESXI_PART,
    AIX_PART,
    SOLARIS_PART,
    HPUX_PART,
    *FAMILIES,
    MACOS_PART,
    MACOS_FOLDER,
    MACOS_DEVICE,
    MACOS_OFFICE_FOLDER,
    MACOS_WEB_SHORTCUT,
    MACOS_OWN_NAME,
    MACOS_NAMED_PART,
    ANDROID_PART,
    PORT,
    FONT,
    PLUG_IN,
    HARDWARE_VENDOR,
    DEVICE_TOOL,
    MACOS_HELPER,
    MACOS_SUPPORT,
)
