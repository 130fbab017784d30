@echo off
rem Zhengban: what an audit of software needs to know of this PC, written into one folder.
rem For systems without Python: Windows XP, 2003 and later, locked PCs. Needs no installation and no network.
rem It reads; it writes only below the folder named at the end, and changes no setting.
rem
rem   collect.cmd [FOLDER]
rem
rem Without FOLDER the result lies beside this file, named after the computer. Run it as administrator to see more.
rem Left out on purpose: every registry key that holds a whole product key or the account of a person.
rem The folder is then read by:  zhengban-agent scan --root FOLDER
setlocal
set OUT=%~1
if "%OUT%"=="" set OUT=%~dp0zhengban-%COMPUTERNAME%
set REGS=%OUT%\registry
set CMDS=%OUT%\commands
set REG=%windir%\System32\reg.exe
if exist "%windir%\Sysnative\reg.exe" set REG=%windir%\Sysnative\reg.exe
set NT=HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion
set CV=HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion
set SYS=HKLM\SYSTEM\CurrentControlSet
if exist "%REGS%" goto taken
if exist "%CMDS%" goto taken
md "%REGS%" 2>nul
md "%CMDS%" 2>nul
if not exist "%CMDS%" goto failed

echo [1/6] System
call :query host "%NT%" ProductName EditionID CurrentVersion CurrentBuild CurrentBuildNumber CurrentMajorVersionNumber
call :query host "%NT%" CurrentMinorVersionNumber UBR DisplayVersion ReleaseId CSDVersion InstallDate InstallationType
call :query host "HKLM\SOFTWARE\Microsoft\Cryptography" MachineGuid
call :query host "%SYS%\Services\Tcpip\Parameters" Hostname Domain
call :query host "%SYS%\Control\ComputerName\ComputerName" ComputerName
call :query host "%SYS%\Control\SystemInformation" SystemManufacturer SystemProductName
call :query host "%SYS%\Control\Nls\Language" InstallLanguage
call :query host "%SYS%\Control\Session Manager\Environment" PROCESSOR_ARCHITECTURE ADSKFLEX_LICENSE_FILE LM_LICENSE_FILE
call :export processors "HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor"
call :export bios "HKLM\HARDWARE\DESCRIPTION\System\BIOS"
wmic path Win32_ComputerSystem get Manufacturer,Model,Domain,PartOfDomain,TotalPhysicalMemory /value > "%CMDS%\wmic_path_Win32_ComputerSystem_get_Manufacturer_Model_Domain_PartOfDomain_TotalPhysicalMemory_va.txt" 2>nul < nul
wmic path Win32_ComputerSystemProduct get UUID,IdentifyingNumber /value > "%CMDS%\wmic_path_Win32_ComputerSystemProduct_get_UUID_IdentifyingNumber_value.txt" 2>nul < nul
wmic path Win32_BIOS get SerialNumber /value > "%CMDS%\wmic_path_Win32_BIOS_get_SerialNumber_value.txt" 2>nul < nul
wmic path Win32_BaseBoard get SerialNumber /value > "%CMDS%\wmic_path_Win32_BaseBoard_get_SerialNumber_value.txt" 2>nul < nul
wmic path Win32_SystemEnclosure get ChassisTypes,SMBIOSAssetTag /value > "%CMDS%\wmic_path_Win32_SystemEnclosure_get_ChassisTypes_SMBIOSAssetTag_value.txt" 2>nul < nul
wmic path Win32_NetworkAdapter get MACAddress,PNPDeviceID /value > "%CMDS%\wmic_path_Win32_NetworkAdapter_get_MACAddress_PNPDeviceID_value.txt" 2>nul < nul
wmic path Win32_Processor get /value > "%CMDS%\wmic_path_Win32_Processor_get_Name_NumberOfCores_NumberOfLogicalProcessors_value.txt" 2>nul < nul
wmic os get LocalDateTime /value > "%CMDS%\wmic_os_get_LocalDateTime_value.txt" 2>nul < nul

echo [2/6] Programs
call :export uninstall "%CV%\Uninstall"
call :export uninstall32 "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall"
call :export upgradecodes "%CV%\Installer\UpgradeCodes"
set COUNT=0
for /f "tokens=2 delims=\" %%s in ('%REG% query HKU') do call :user %%s
"%REG%" query "HKLM\SOFTWARE\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\PackageRepository\Packages" > "%REGS%\appx.txt" 2>nul
for %%n in (ProductReleaseIds VersionToReport Platform InstallationPath UpdateChannel CDNBaseUrl ClientCulture) do call :query office "HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration" %%n
call :export sqlinstances "HKLM\SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names"
for %%n in (Edition PatchLevel Version SQLPath) do call :deep sql "HKLM\SOFTWARE\Microsoft\Microsoft SQL Server" %%n
for %%n in (CurrentState InstallTimeHigh InstallTimeLow) do call :deep packages "%CV%\Component Based Servicing\Packages" %%n
wmic path Win32_QuickFixEngineering get /value > "%CMDS%\wmic_path_Win32_QuickFixEngineering_get_value.txt" 2>nul < nul
if not exist "%ProgramData%\chocolatey\lib" goto licences
for /d %%d in ("%ProgramData%\chocolatey\lib\*") do call :nuspec "%%d" "%%~nxd"

:licences
echo [3/6] Licences
wmic path SoftwareLicensingProduct where "PartialProductKey is not null" get /value > "%CMDS%\wmic_path_SoftwareLicensingProduct_where_PartialProductKey_is_not_null_get_value.txt" 2>nul < nul
wmic path OfficeSoftwareProtectionProduct where "PartialProductKey is not null" get /value > "%CMDS%\wmic_path_OfficeSoftwareProtectionProduct_where_PartialProductKey_is_not_null_get_value.txt" 2>nul < nul
wmic path SoftwareLicensingService get KeyManagementServiceMachine,KeyManagementServicePort /value > "%CMDS%\wmic_path_SoftwareLicensingService_get_KeyManagementServiceMachine_KeyManagementServicePort_valu.txt" 2>nul < nul
cscript //nologo "%windir%\System32\slmgr.vbs" /dlv > "%CMDS%\slmgr_dlv.txt" 2>nul < nul
cscript //nologo "%windir%\System32\slmgr.vbs" /xpr > "%CMDS%\slmgr_xpr.txt" 2>nul < nul
for %%p in ("%ProgramFiles%" "%ProgramFiles(x86)%") do for %%v in (14 15 16) do call :ospp "%%~p\Microsoft Office\Office%%v\ospp.vbs"
call :deep kms "%NT%\SoftwareProtectionPlatform" KeyManagementServiceName
call :deep kms "%NT%\SoftwareProtectionPlatform" KeyManagementServicePort
call :deep kms "HKLM\SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform" KeyManagementServiceName
call :deep kms "HKLM\SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform" KeyManagementServicePort

echo [4/6] Services and tasks
for %%n in (ImagePath Type Start) do call :deep services "%SYS%\Services" %%n
call :export multikey "%SYS%\MultiKey"
"%REG%" query "%SYS%\Enum\USB" > "%REGS%\usb.txt" 2>nul
wmic service get DisplayName,Name,PathName,StartMode,State /value > "%CMDS%\wmic_service_get_DisplayName_Name_PathName_StartMode_State_value.txt" 2>nul < nul
sc query state= all > "%CMDS%\sc_query_state_all.txt" 2>nul < nul
schtasks /query /fo csv /v > "%CMDS%\schtasks_query_fo_csv_v.txt" 2>nul < nul
wmic process get ExecutablePath /value > "%CMDS%\processes.txt" 2>nul < nul

echo [5/6] Settings
call :export ifeo "%NT%\Image File Execution Options"
call :export silentexit "%NT%\SilentProcessExit"
call :export policies "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform"
call :export exclusions "HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions"
call :export firewall "%SYS%\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules"

echo [6/6] Protection
wmic /namespace:\\root\SecurityCenter2 path AntiVirusProduct get /value > "%CMDS%\wmic_namespace_root_SecurityCenter2_path_AntiVirusProduct_get_value.txt" 2>nul < nul
wmic /namespace:\\root\SecurityCenter path AntiVirusProduct get /value > "%CMDS%\wmic_namespace_root_SecurityCenter_path_AntiVirusProduct_get_value.txt" 2>nul < nul

for %%f in ("%CMDS%\*.txt" "%REGS%\*.txt") do if %%~zf==0 del /q "%%f"
echo.
echo %OUT%
endlocal
exit /b 0

:taken
echo Already there, nothing was changed; name another folder: %OUT%
endlocal
exit /b 3

:failed
echo Cannot write below: %OUT%
endlocal
exit /b 3

:user
set SID=%1
if not "%SID:~0,8%"=="S-1-5-21" if not "%SID:~0,8%"=="S-1-12-1" exit /b 0
if not "%SID:_Classes=%"=="%SID%" exit /b 0
set /a COUNT=COUNT+1
call :export user%COUNT% "HKU\%1\Software\Microsoft\Windows\CurrentVersion\Uninstall"
call :export codes%COUNT% "HKU\%1\Software\Microsoft\Installer\UpgradeCodes"
exit /b 0

:export
"%REG%" export %2 "%REGS%\%1.reg" >nul 2>nul
exit /b 0

:query
set FILE=%REGS%\%1.txt
set KEY=%2
:next
if "%~3"=="" exit /b 0
"%REG%" query %KEY% /v %3 >> "%FILE%" 2>nul
shift /3
goto next

:deep
"%REG%" query %2 /s /v %3 >> "%REGS%\%1.txt" 2>nul
exit /b 0

:ospp
if exist %1 cscript //nologo %1 /dstatus >> "%CMDS%\ospp_dstatus.txt" 2>nul
exit /b 0

:nuspec
if not exist "%~1\%~2.nuspec" exit /b 0
md "%OUT%\ProgramData\chocolatey\lib\%~2" 2>nul
copy /y "%~1\%~2.nuspec" "%OUT%\ProgramData\chocolatey\lib\%~2\" >nul 2>nul
exit /b 0
