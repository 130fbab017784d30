"""Makes var/lib/rpm/rpmdb.sqlite of this recorded machine out of the table below, the same rows every time.

Run from the top of the checkout: PYTHONPATH=tests/support python tests/captures/openeuler-server/make_rpmdb.py
"""

from __future__ import annotations

from pathlib import Path

from rpm_writer import Value, header, write_sqlite

HERE = Path(__file__).resolve().parent
INSTALLED_AT = 1696729800
"""2023-10-08 01:50 UTC: the installation of the system; packages follow one another by a second."""

# name, epoch:version-release, architecture, licence, size, source package
OPENEULER = """
acl 2.3.1-2.oe2203sp2 loongarch64 GPLv2+ 204311 acl
audit 1:3.0.1-7.oe2203sp2 loongarch64 GPLv2+andLGPLv2+ 843212 audit
basesystem 12-3.oe2203sp2 noarch MulanPSLv2 0 basesystem
bash 5.1.8-8.oe2203sp2 loongarch64 GPLv3 6453210 bash
bind-utils 32:9.16.23-18.oe2203sp2 loongarch64 MPLv2.0 522310 bind
ca-certificates 2021.2.52-4.oe2203sp2 noarch MIT 941230 ca-certificates
coreutils 9.0-8.oe2203sp2 loongarch64 GPLv3+ 6312041 coreutils
cronie 1.5.7-3.oe2203sp2 loongarch64 GPLv2+andISC 251034 cronie
curl 7.79.1-22.oe2203sp2 loongarch64 MIT 610233 curl
dnf 4.14.0-15.oe2203sp2 noarch GPLv2+ 8120 dnf
docker-engine 2:18.09.0-325.oe2203sp2 loongarch64 ASL2.0 181220344 docker-engine
filesystem 3.16-5.oe2203sp2 loongarch64 MulanPSLv2 0 filesystem
firewalld 1.2.1-3.oe2203sp2 noarch GPLv2+ 2304110 firewalld
gcc 10.3.1-37.oe2203sp2 loongarch64 GPLv3+ 87231044 gcc
glibc 2.34-123.oe2203sp2 loongarch64 LGPLv2+ 7210334 glibc
glibc-common 2.34-123.oe2203sp2 loongarch64 LGPLv2+ 1503221 glibc
grub2-efi-loongarch64 1:2.06-33.oe2203sp2 loongarch64 GPLv3+ 3301220 grub2
java-1.8.0-openjdk 1:1.8.0.372.b07-1.oe2203sp2 loongarch64 ASL1.1andGPLv2 1812033 java-1.8.0-openjdk
kernel 5.10.0-153.12.0.92.oe2203sp2 loongarch64 GPLv2 121033420 kernel
kernel 5.10.0-153.25.0.101.oe2203sp2 loongarch64 GPLv2 121044310 kernel
krb5-libs 1.19.2-9.oe2203sp2 loongarch64 MIT 2210331 krb5
libxml2 2.9.14-6.oe2203sp2 loongarch64 MIT 1904412 libxml2
lvm2 8:2.03.14-7.oe2203sp2 loongarch64 GPLv2 4130221 lvm2
NetworkManager 1:1.32.12-20.oe2203sp2 loongarch64 GPLv2+ 9120334 NetworkManager
nginx 1:1.21.5-4.oe2203sp2 loongarch64 BSD 1533020 nginx
openssh-server 8.8p1-21.oe2203sp2 loongarch64 BSD 980331 openssh
openssl 1:1.1.1m-23.oe2203sp2 loongarch64 OpenSSLandSSLeay 1012330 openssl
openEuler-release 22.03LTS_SP2-1.oe2203sp2 loongarch64 MulanPSLv2 21023 openEuler-release
postfix 2:3.3.1-14.oe2203sp2 loongarch64 IBMandGPLv2+ 5012340 postfix
python3 3.9.9-25.oe2203sp2 loongarch64 Python-2.0 30123440 python3
redis6 6.2.7-1.oe2203sp2 loongarch64 BSDandMIT 3410220 redis6
rpm 4.17.0-26.oe2203sp2 loongarch64 GPLv2+ 2312044 rpm
rsyslog 8.2110.0-16.oe2203sp2 loongarch64 GPLv3+andASL2.0 2604310 rsyslog
selinux-policy 35.5-19.oe2203sp2 noarch GPLv2+ 24013 selinux-policy
sudo 1.9.8p2-12.oe2203sp2 loongarch64 ISC 4210330 sudo
systemd 249-54.oe2203sp2 loongarch64 MITandLGPLv2+andGPLv2+ 24103322 systemd
tar 2:1.34-5.oe2203sp2 loongarch64 GPLv3+ 2901440 tar
tomcat 1:9.0.10-29.oe2203sp2 noarch ASL2.0 310445 tomcat
vim-enhanced 2:9.0-18.oe2203sp2 loongarch64 VimandMIT 3810220 vim
zlib 1.2.11-23.oe2203sp2 loongarch64 zlibandBoost 181230 zlib
"""

# name, version, release, vendor, licence, group, size, words about it
OTHERS = """
dm8|8.1.3.62|20230928|武汉达梦数据库股份有限公司|Commercial|Applications/Databases|1210334120|达梦数据库管理系统
kingbasees-server|V008R006C008B0014|1|中电科金仓（北京）科技股份有限公司|Commercial|Applications/Databases|981220334|KingbaseES
tongweb|7.0.4.9|M4|北京东方通科技股份有限公司|Commercial|Applications/System|301223441|TongWeb 应用服务器
qaxsafe|10.6.0|2130|Qi An Xin Technology Group Inc.|Commercial|Applications/System|598120334|奇安信网神终端安全管理系统
zabbix-agent2|6.0.22|release1.oe2203|Zabbix SIA|GPLv2+|Applications/Internet|21033410|Zabbix agent
mysql-community-server|8.0.34|1.oe2203|Oracle and/or its affiliates|GPLv2|Applications/Databases|310220441|MySQL
"""
PUBLISHER = "http://openeuler.org"


def blobs() -> list[bytes]:
    """Return the headers: a repository's key first, one cut short on purpose last."""
    made = [
        header(
            {
                "name": "gpg-pubkey",
                "version": "b25e7f66",
                "release": "61eb9ec0",
                "packager": "openEuler <openeuler@compass-ci.com>",
            }
        )
    ]
    for line in OPENEULER.split("\n"):
        if line:
            made.append(header(_own(line.split(" "), INSTALLED_AT + len(made))))
    for line in OTHERS.split("\n"):
        if line:
            made.append(header(_foreign(line.split("|"), INSTALLED_AT + 86400 + len(made))))
    return [*made, made[1][:100]]


def _own(columns: list[str], installed_at: int) -> dict[str, Value]:
    name, version, architecture, licence, size, source = columns
    epoch, _, rest = version.rpartition(":")
    number, _, release = rest.rpartition("-")
    fields: dict[str, Value] = {
        "name": name, "version": number, "release": release, "arch": architecture, "size": int(size), "os": "linux",
        "license": licence.replace("and", " and "), "vendor": PUBLISHER, "packager": PUBLISHER,
        "installtime": installed_at, "group": "Unspecified", "summary": name,
        "sourcerpm": f"{source}-{number}-{release}.src.rpm",
    }  # fmt: skip
    return {**fields, "epoch": int(epoch)} if epoch else fields


def _foreign(columns: list[str], installed_at: int) -> dict[str, Value]:
    name, version, release, vendor, licence, group, size, words = columns
    return {
        "name": name, "version": version, "release": release, "vendor": vendor, "license": licence, "group": group,
        "size": int(size), "arch": "loongarch64", "os": "linux", "installtime": installed_at, "summary": words,
        "sourcerpm": f"{name}-{version}-{release}.src.rpm",
    }  # fmt: skip


def main() -> None:
    """Write the database anew."""
    target = HERE / "var/lib/rpm/rpmdb.sqlite"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    write_sqlite(str(target), blobs())


if __name__ == "__main__":
    main()
