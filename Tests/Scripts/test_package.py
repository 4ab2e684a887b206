# scripts/package: the Debian package of a release binary. dpkg installs it into a folder of its own, with a database of
# its own, in which of this machine's packages only those are that it depends on; the machine stays as it is.
import gzip
import re
import shutil
import subprocess

import pytest

import test_install
from moongate import BINARY, PATIENCE, ROOT

pytestmark = [
    pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="this system has no dpkg"),
    pytest.mark.skipif(
        ".build-release" not in str(BINARY), reason="a package is made of a release binary: scripts/test --only release"),
]  # fmt: skip

MAINTAINER = {"DEBFULLNAME": "Some Body", "DEBEMAIL": "some.body@debian.org"}


def make(folder, **options):
    # xz takes ten seconds, and what is in it is the same.
    fast = {"DPKG_DEB_COMPRESSOR_TYPE": "gzip", "DPKG_DEB_COMPRESSOR_LEVEL": "1"}
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **MAINTAINER, **fast}
    done = test_install.run(ROOT / "scripts/package", "--binary", BINARY, folder, env=environment, **options)
    (package,) = folder.iterdir()
    assert done.stdout == f"{package}\n"
    return package


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return make(tmp_path_factory.mktemp("package"))


def field(package, name):
    return test_install.run("dpkg-deb", "--field", package, name).stdout.strip()


def test_its_version_is_the_program_s(package):
    version = test_install.run(BINARY, "--version").stdout.split()[1]
    assert field(package, "Version") == f"{version}-1"
    assert package.name == f"moongate_{version}-1_{field(package, 'Architecture')}.deb"


def test_it_depends_on_what_the_program_links_and_opens(package):
    libc, *others = field(package, "Depends").split(", ")
    needed = subprocess.run(["objdump", "-T", BINARY], capture_output=True, text=True, check=True).stdout
    newest = max(tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([\d.]+)", needed))
    version = tuple(map(int, re.fullmatch(r"libc6 \(>= ([\d.]+)\)", libc)[1].split(".")))
    assert newest <= version < (3, 0)
    assert others == ["libssl3", "libcurl4", "ca-certificates"]


def test_it_is_the_same_byte_for_byte_whoever_makes_it(package, tmp_path):
    assert make(tmp_path / "other", umask=0o077).read_bytes() == package.read_bytes()


def test_the_program_s_path_may_have_any_characters(package, tmp_path):
    program = tmp_path / "a+b (1)" / "moongate"
    program.parent.mkdir()
    shutil.copy(BINARY, program)
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **MAINTAINER, "DPKG_DEB_COMPRESSOR_TYPE": "none"}
    done = test_install.run(ROOT / "scripts/package", "--binary", program, tmp_path / "made", env=environment)
    assert field(done.stdout.strip(), "Depends") == field(package, "Depends")


def test_every_file_is_as_its_sum_says(package, tmp_path):
    test_install.run("dpkg-deb", "--raw-extract", package, tmp_path / "raw")
    test_install.run("md5sum", "--check", "--strict", "--quiet", "DEBIAN/md5sums", cwd=tmp_path / "raw")
    listed = {line.split()[1] for line in (tmp_path / "raw/DEBIAN/md5sums").read_text().splitlines()}
    files = {str(path.relative_to(tmp_path / "raw")) for path in (tmp_path / "raw/usr").rglob("*") if path.is_file()}
    assert listed == files


def test_the_terms_of_all_that_is_linked_in_are_in_it(package, tmp_path):
    test_install.run("dpkg-deb", "--extract", package, tmp_path)
    terms = (tmp_path / "usr/share/doc/moongate/copyright").read_text()
    told = test_install.run(BINARY, "--version", "--verbose").stdout
    for name in re.findall(r"static, from (\S+)", told) + ["libncurses-dev", "libbsd-dev", "libmd-dev", "swift-nio"]:
        assert f"==== {name} ====" in terms, name
    assert "Lua.org, PUC-Rio" in terms and "University of Cambridge" in terms
    history = gzip.decompress((tmp_path / "usr/share/doc/moongate/changelog.gz").read_bytes()).decode()
    assert history == (ROOT / "CHANGELOG.md").read_text()


def entry(name):
    """What dpkg knows of an installed package of this machine, without what only its own files are for."""
    return test_install.run("dpkg-query", "--status", name).stdout + "\n"


@pytest.fixture
def machine(tmp_path, package):
    """A fresh root; dpkg("--install", …) works on it alone."""
    root = tmp_path / "root"
    database = root / "var/lib/dpkg"
    for folder in ("info", "updates", "triggers"):
        (database / folder).mkdir(parents=True)
    status = ""
    for dependency in field(package, "Depends").split(", "):
        name = dependency.split()[0]
        status += entry(name)
        listed = name if not re.search(r"^Multi-Arch: same", entry(name), re.M) else f"{name}:{field(package, 'Architecture')}"
        (database / f"info/{listed}.list").write_text("/.\n")
    (database / "status").write_text(status)

    def dpkg(*words):
        return subprocess.run(
            ["dpkg", "--force-not-root", "--force-bad-path", f"--root={root}", "--log=/dev/null", *map(str, words)],
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip

    dpkg.root, dpkg.status = root, database / "status"
    return dpkg


def files(machine):
    return {name: what for name, what in test_install.tree(machine.root).items() if not name.startswith("var/")}


def test_dpkg_installs_it_and_it_runs_and_goes_without_a_trace(machine, package, moongate):
    before = files(machine)
    done = machine("--install", package)
    assert done.returncode == 0, done.stderr
    program = machine.root / "usr/bin/moongate"
    done = subprocess.run(
        [program, "--local", "-e", "print(list_gateways():count())"], env=moongate.environment(), capture_output=True,
        text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr
    page = test_install.run("man", "-l", machine.root / "usr/share/man/man1/moongate.1.gz")
    assert "MOONGATE(1)" in page.stdout
    done = machine("--purge", "moongate")
    assert done.returncode == 0, done.stderr
    assert files(machine) == before


def test_dpkg_refuses_it_where_a_library_is_missing(machine, package):
    status = machine.status.read_text().split("\n\n")
    machine.status.write_text("\n\n".join(one for one in status if not one.startswith("Package: libcurl4\n")))
    done = machine("--install", package)
    assert done.returncode != 0
    assert "moongate depends on libcurl4" in done.stderr


@pytest.mark.skipif(not shutil.which("lintian"), reason="lintian is not installed; scripts/setup --package installs it")
def test_lintian_has_nothing_to_say(package):
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "warning,error", package], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_a_package_has_a_maintainer(tmp_path):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_DIR": "/nonexistent"}
    done = subprocess.run(
        [ROOT / "scripts/package", "--binary", BINARY, tmp_path], env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1 and "set DEBFULLNAME and DEBEMAIL" in done.stderr
