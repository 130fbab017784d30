"""General rules on families of names and houses: games, device makers' tools, parts of macOS, of Android, of the shop.

They claim no product. What they rest on is what the makers' own names say; no page of terms was read for them, so a
class from here is never shown as official.
"""

from __future__ import annotations

from rules.generic_rule import GenericRule
from rules.product import Category, Kind, LicenceClass

NO_DEVICE_TOOL = (
    r".*\b(studio|compiler|oneapi|vtune|inspector|loadrunner|quality center|unified functional|alm|toad|kace|"
    r"cluster|omniverse|sdk|math kernel|fortran|quartus|performance center)\b.*"
)
"""Development suites and test tools are no utilities of a device."""

GAME_HOUSE = GenericRule(
    "game-house",
    Kind.GAME,
    LicenceClass.COMMERCIAL,
    Category.GAME,
    # Houses whose games are bought; what is free to play stands in the next rule.
    publishers=r"(2K( Games)?|4A Games|11 bit studios|ATLUS|Activision( Publishing)?|Annapurna Interactive|"
    r"Arkane Studios|Arrowhead Game Studios|Avalanche Studios|BANDAI NAMCO.*|Berserk Games|Bethesda( Softworks| Game "
    r"Studios)?|BioWare|Bohemia Interactive|CAPCOM|CD PROJEKT( RED)?|Codemasters|Coffee Stain( Studios)?|"
    r"Colossal Order|ConcernedApe|Creative Assembly|Crystal Dynamics|DICE|Deep Silver|Devolver Digital|"
    r"Double Fine Productions|EA (DICE|Canada|Sports)|Eidos.*|Electronic Arts|Facepunch Studios|Firaxis( Games)?|"
    r"Focus (Entertainment|Home Interactive)|FromSoftware|Frontier Developments|GIANTS Software|GSC Game World|"
    r"Game Science|游戏科学|Gearbox( Software)?|Ghost Ship Games|Guerrilla|Hazelight( Studios)?|Hopoo Games|"
    r"IO Interactive|Infinity Ward|Insomniac Games|Iron Gate( AB)?|KOEI TECMO.*|KONAMI.*|Klei( Entertainment)?|"
    r"Kojima Productions|Larian Studios|MachineGames|Mega Crit( Games)?|Monolith( Productions)?|Naughty Dog|"
    r"NetherRealm Studios|Obsidian Entertainment|Other Ocean.*|Pandemic Studios|Paradox Development Studio|"
    r"People Can Fly|PlayStation (PC|Studios|Publishing).*|Playground Games|Quantic Dream|Raven Software|Re-Logic|"
    r"Relic Entertainment|Remedy Entertainment|Rockstar (Games|North|San Diego)|SCS Software|SEGA|SQUARE ENIX|"
    r"Saber Interactive|Sandfall Interactive|Santa Monica Studio|SkyBox Labs|Studio Wildcard|Sucker Punch.*|"
    r"Supergiant Games|THQ( Nordic)?|TT Games|Team Cherry|Team17|Techland|Telltale.*|Treyarch|Tripwire Interactive|"
    r"Turn 10 Studios|Ubisoft( \w+)?|WB Games.*|Warner Bros\.? (Games|Interactive).*|Wube Software|"
    r"Xbox Game Studios|id Software|inXile.*)(,? (Inc|Ltd|LLC|Co|GmbH|AB|S\.A)\.?.*)?",
    unlike=r".*\b(launcher|connect|app|client|runtime|redistributable|driver|prerequisites|anti-?cheat|desktop)\b.*",
    platforms=("windows",),
    after_list=False,
)
FREE_GAME_HOUSE = GenericRule(
    "free-game-house",
    Kind.GAME,
    LicenceClass.FREE,
    Category.GAME,
    publishers=r"(Wargaming(\.net)?|Gaijin( Entertainment| Network)?|Digital Extremes|Hi-Rez Studios|"
    r"Grinding Gear Games|Psyonix|NEXON.*|Garena.*|Random Salad Games|King(\.com)?|Jagex|Smilegate.*|Kuro Games|"
    r"HoYoverse|COGNOSPHERE.*)(,? (Inc|Ltd|LLC|Co)\.?.*)?",
    platforms=("windows",),
)
SHOP_GAME = GenericRule(
    "shop-game",
    Kind.GAME,
    LicenceClass.FREE,
    Category.GAME,
    r"(Simple |Microsoft |Classic |The )?(Spider |Klondike |FreeCell )?(Solitaire|Mahjong|Sudoku|Hearts|Spades|"
    r"Minesweeper|Jigsaw)( (Deluxe|Collection|HD|Classic|Free|Titans|Epic))?|Candy Crush (Saga|Soda Saga|Friends Saga)|"
    r"Hidden City.*|Asphalt \d.*|March of Empires.*|Bubble Witch \d Saga|Farm Heroes Saga|Disney Magic Kingdoms",
    platforms=("windows",),
)
DEVICE_TOOL = GenericRule(
    "device-tool",
    Kind.APPLICATION,
    LicenceClass.BUNDLED,
    Category.UTILITY,
    # By the maker's name in front, where a list does not say the publisher.
    r"(Acer|ASUS|ASUSTek|Dell|Lenovo|Fujitsu|TOSHIBA|Packard Bell|GIGABYTE|ASRock|Realtek|Synaptics|ELAN|Razer|"
    r"Corsair|SteelSeries|Logitech|Epson|EPSON|Brother|Canon|Ricoh|Kyocera|Lexmark|Wacom|Huion|XP-?Pen|Alienware|"
    r"HUAWEI|HONOR|Xiaomi|Intel|AMD|NVIDIA|Killer|Dolby|DTS|Nahimic|Waves MaxxAudio|Thunderbolt|Conexant|IDT) .+|"
    r"HP [A-Z]\w+.*|Care Center (S|Service)|Quick ?Access( Service)?|User Experience Improvement Program.*|"
    r"DriverSetupUtility|(联想|华硕|戴尔|宏碁|惠普|技嘉|微星)\S+",
    unlike=NO_DEVICE_TOOL,
    platforms=("windows",),
    after_list=True,
)
CUT_DRIVER = GenericRule(
    "cut-driver",
    Kind.DRIVER,
    LicenceClass.BUNDLED,
    Category.DRIVER,
    # A list that cuts long names off: `… ASIO Dri…`; the sign stands as three dots in the normal form.
    r".+ (Dri|Driv|Drive|Driver)\.\.\.",
    platforms=("windows",),
)
SHOP_PART = GenericRule(
    "shop-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    r"PowerToys .* Context Menu|PowerToys New\+|Start Experiences App|"
    r"(HEVC|AVC|AV1|VP9|MPEG-2) .*Extensions?( from .*)?|"
    r"OpenCL.* Compatib.*|Mixed Reality Portal|Microsoft 365 \(Office\)|Microsoft 365 Copilot|Speech Pack - .*|"
    r".* Local Experienc(e Pack|.*\.\.\.)|Windows Application Compatibility Enhanc.*|Windows Backup|Dev Home.*|"
    r"Address ?Book|Branding|Connection Manager|DirectAnimation|DirectDrawEx|DXM_Runtime|Fontcore|ICW|IE40|IE4Data|"
    r"IE5BAKEX|IEData|MobileOptionPack|MPlayer2|NetMeeting|OutlookExpress|PCHealth|SchedulingAgent|WIC|ie[78]|"
    r"Windows Presentation Foundation|XML Paper Specification.*|IDNMitigationAPIs|NLSDownlevelMapping|"
    r"User Profile Hive Cleanup Service|HighMAT Extension .*|Windows (Communication|Workflow) Foundation|"
    r"Microsoft\.(SecHealthUI|WidgetsPlatformRuntime|MicrosoftOfficeHub|CommandPalette)|"
    r"Google Play services|Play Store|Android System WebView|Google Partner Setup|Dropbox promotion|"
    r"Microsoft Bing( Wallpaper)?|Bing Wallpaper|MSN (Weather|News|Money|Sports)|Weather|Movies & TV|Films & TV|"
    r"Xbox (Live|Console Companion|Accessories)|Microsoft Wi-Fi|Get Started|Print 3D|3D Viewer|Paint 3D|Alarms & Clock",
    platforms=("windows",),
)
VMWARE_TOOLS_IMAGE = GenericRule(
    "vmware-tools-image",
    Kind.COMPONENT,
    LicenceClass.BUNDLED,
    Category.VIRTUALISATION,
    r"tools-(freebsd|linux|netware|solaris|windows|winPre2k|winPreVista|darwin(Pre15)?)",
    platforms=("windows",),
)
PACKAGE_PART = GenericRule(
    "package-part",
    Kind.COMPONENT,
    LicenceClass.UNKNOWN,
    Category.SYSTEM,
    # A package of another house than the distribution, named as libraries and parts are named everywhere.
    r"lib[a-z][\w.+-]+|[\w.+-]+-(libs?|devel|dev|docs?|debuginfo|debugsource|common|data|selinux|plugins?(-[\w-]+)?|"
    r"task-[\w-]+|locales?|langpacks?(-\w+)?)",
    sources=("dpkg", "rpm", "pacman", "apk"),
)
ANDROID_IMAGE = GenericRule(
    "android-system-image",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    # Programs of the image that the device came with bear the day of the image's own clock, not of an installation.
    sections="system image",
    platforms=("other",),
)
MACOS_NAMED_PART = GenericRule(
    "macos-named-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    # Parts of Mac OS X and its developer tools by names that nothing else bears; agents number copies (`_0`).
    r"(AddressBook(Manager|Sync|UrlForwarder)|AirPort Base Station Agent|Agent de la borne d’accès AirPort|"
    r"AirScanScanner|AOSUIPrefPaneLauncher|Apple(FileServer|Mobile(Device|Sync)Helper|ScriptRunner|VNCServer|Spell)|"
    r"ARDAgent|Archive Utility|AutoImporter|BluetoothUIServer|Build (Applet|Web Page|profile info web page)|"
    r"CCacheServer|Certificate Assistant|ChineseHandwriting|ColorSync(Scripting|UIAgent)|ContentIndexing|"
    r"CoreLocationAgent|CoreServicesUIAgent|CrashReporterPrefs|Dashcode|Database Events|DiskImageMounter|"
    r"Display ?Calibrator|dotmacfx|Dwell Control|Embed specific profile|Expansion Slot Utility|Extract profile|"
    r"File ?Sync ?Agent|FileMerge|Folder Actions Setup|GarageBand Getting Started|Grapher|HelpViewer|"
    r"IM Plugin Converter|Image Capture (Extension|Web Server)|Image Events|ImageCaptureService|"
    r"IncompatibleAppDisplay|Instruments|Interface Builder|iSync Plug-in Maker|Jar Launcher|Java Web Start|"
    r"JapaneseIM|Kotoeri|KeyboardSetupAssistant|KeyboardViewer|Keychain Scripting|KoreanIM|Language Chooser|"
    r"loginwindow|MakePDF|MallocDebug|MassStorageCamera|ManagedClient|MirrorAgent|MPEG2 Decoder|MRT Agent|"
    r"Network (Diagnostics|Utility)|NetAuth(Agent|SysAgent)|ObexAgent|ObjectAlloc|OpenGL Profiler|OBEXAgent|"
    r"PackageMaker|ParentalControls|Pixie|PluginIM|PreferenceSyncClient|Printer Setup Utility|Problem Reporter|"
    r"Property List Editor|PTPCamera|Python Launcher|PubSubAgent|QuickLookUIHelper|Quartz (Composer|Debug)|"
    r"rcd|Rename profile|Saturn|ScreenReaderUIServer|Script Menu|SCIM|SecurityAgent|Set (Info|Folder Views)|"
    r"Setup Assistant|Show Info|SleepX|Software Update|SpeakableItems|SpeechRecognitionServer|SpeechService|"
    r"SpeechSynthesisServer|Spin Control|Summary Service|Sync ?Server|syncuid|System Events|SystemUIServer|"
    r"TCIM|TamilIM|Thread Viewer|Ticket Viewer|Trackball|Type\dCamera|Universal Access|URL Access Scripting|"
    r"UserNotificationCenter|VietnameseIM|VoiceOver|webdav_cert_ui|WindowsAutoMounter|Wish|X Code|ZoomWindow|"
    r"iChatAgent|quicklookd|unmountassistant.*|vpndownloader)(_\d)?|(Mail|Aperçu|Livre des polices)_\d",
    platforms=("macos", "other"),
)
FAMILIES = (
    CUT_DRIVER,
    SHOP_PART,
    VMWARE_TOOLS_IMAGE,
    ANDROID_IMAGE,
    PACKAGE_PART,
    GAME_HOUSE,
    FREE_GAME_HOUSE,
    SHOP_GAME,
)
