"""Set up and run Koble from a checkout; needs nothing but Python 3.11 or later."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

USAGE = """\
python3 dev.py COMMAND

  run [ARGS]     the same as koble [ARGS]; without a command, the window
  demo [ARGS]    the window in practice mode: no real keys, nothing stored; --at tripletex/3.2 opens that page
  test [ARGS]    all tests with the coverage gate, or what pytest is told
  check          ruff, mypy, import-linter, and what we are made of: lock, environment, forbidden packages
  audit          known vulnerabilities of what is locked; ends with 3 where nobody could be asked
  sbom FILE      write the bill of materials (CycloneDX)
  shots DIR [..] a picture of every page; of a few, with beginnings of their names: key-fiken --nb.dark
  bench          the benchmarks
  lock           make packaging/requirements.lock anew
"""

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)
WORKERS = min(4, os.cpu_count() or 1)  # processes for a whole run of the tests
LOCK_HEADER = "# Made by `python3 dev.py lock` from pyproject.toml; not edited by hand.\n"

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
HARMLESS = ("-q", "-v", "-vv", "-x", "-s", "--durations=10")  # pytest's arguments that leave the run whole
WITH_VALUE = (
    "--language",
    "--preset",
    "--at",
    "--fault",
    "--start",
    "--theme",
)  # koble's options that are followed by a value

# What Qt loads, and the Debian package that holds it.
QT_ANYWHERE = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon-x11-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
}
QT_WITH_X = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
}


class Stop(Exception):
    """Ends dev.py with one message that says what to do."""


def say(text: str) -> None:
    """Write to standard error; standard output belongs to the program that is run."""
    print(text, file=sys.stderr, flush=True)


# The virtual environment


def venv(root: Path) -> Path:
    """Where the environment of this checkout is."""
    return root / ".venv"


def python(env: Path) -> Path:
    """Return the interpreter of an environment, whatever the system calls it."""
    return env / "Scripts" / "python.exe" if os.name == "nt" else env / "bin" / "python"


def stamp(root: Path) -> Path:
    """Return the file that is written last: it says what the environment was made from."""
    return venv(root) / "koble.stamp"


def digest(root: Path) -> str:
    """Sum up everything the environment depends on: lock, project file, Python, place."""
    import hashlib

    parts = [(root / "packaging" / "requirements.lock").read_bytes(), (root / "pyproject.toml").read_bytes()]
    parts += [sys.version.encode(), os.fsencode(root)]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def ready(root: Path, wanted: str) -> bool:
    """Whether the environment is whole and made from the present files."""
    try:
        return python(venv(root)).exists() and stamp(root).read_text("ascii") == wanted
    except (OSError, UnicodeDecodeError):
        return False


def build(root: Path, wanted: str) -> None:
    """Make the environment from nothing; its stamp comes last."""
    need_venv()
    say("Setting up .venv (once; it may take a minute) …")
    remove(venv(root))
    quietly([base_python(), "-m", "venv", str(venv(root))], root)
    safely = ("--require-hashes", "--no-deps", "--only-binary=:all:")
    pip(python(venv(root)), root, *safely, "-r", "packaging/requirements.lock")
    pip(python(venv(root)), root, "--no-deps", "--no-build-isolation", "--editable", ".")
    stamp(root).write_text(wanted, "ascii")


def ensure(root: Path, make: Callable[[Path, str], None] = build) -> Path:
    """Return the environment's interpreter; make the environment first if it is missing, broken or old."""
    wanted = digest(root)
    if not ready(root, wanted):
        with alone(root):
            if not ready(root, wanted):
                make(root, wanted)
    return python(venv(root))


def base_python() -> str:
    """Return the interpreter beneath this one: this one may itself be the environment that is made anew."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def remove(folder: Path) -> None:
    """Delete a folder, if it is there; Stop where something holds on to it."""
    import shutil

    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Stop(f"Cannot remove {folder}: {error.strerror}. Close what runs from it.") from error


def pip(interpreter: Path, root: Path, *arguments: str) -> None:
    """Install into an environment, from the checkout."""
    options = ("--quiet", "--no-input", "--disable-pip-version-check")
    quietly([str(interpreter), "-m", "pip", "install", *options, *arguments], root)


def quietly(command: Sequence[str], folder: Path) -> None:
    """Run a step without its output; Stop with the last lines of it when it fails."""
    # A child keeps the set-up lock (see `alone`) until it ends, even if this process is killed before it.
    ended = subprocess.run(
        command,
        check=False,
        cwd=folder,
        env={**os.environ, "PIP_USER": "0", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,
    )
    if ended.returncode:
        last = ended.stdout.decode("utf-8", "replace").splitlines()[-15:]
        advice = "Setting up failed. Mend what is said above (the network?), then try again."
        raise Stop("\n".join([*last, advice]))


def find_module(name: str) -> object:
    """Return what describes a module, None if there is none."""
    from importlib.util import find_spec

    return find_spec(name)


def need_venv(find: Callable[[str], object] = find_module) -> None:
    """Stop where Python came without the means to make an environment, as on Debian."""
    if find("venv") is None or find("ensurepip") is None:
        name = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise Stop(f"Python cannot make environments here. Install python3-venv (or {name}) with apt.")


# One at a time


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Hold the set-up lock; the system lets go of it when its holder ends, however it ends."""
    with (root / ".venv.lock").open("a+b") as file:
        os.set_inheritable(file.fileno(), True)
        if not try_lock(file.fileno()):
            say("Waiting for another dev.py that is setting up …")
            wait_for_lock(file.fileno())
        yield


def wait_for_lock(handle: int) -> None:
    """Return when the lock is ours."""
    import time

    while not try_lock(handle):
        time.sleep(0.1)


def try_lock(handle: int) -> bool:
    """Take the lock if nobody has it."""
    try:
        lock_file(handle)
    except OSError:
        return False
    return True


if sys.platform == "win32":

    def lock_file(handle: int) -> None:
        """Lock the first byte; OSError if another has it."""
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:

    def lock_file(handle: int) -> None:
        """Lock the file; OSError if another has it."""
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


# What Qt needs of the system


def load_library(name: str) -> None:
    """Load a shared library; OSError if it is not there."""
    import ctypes

    ctypes.CDLL(name)


def missing(libraries: Mapping[str, str], load: Callable[[str], object] = load_library) -> list[str]:
    """Return the packages that hold those libraries which cannot be loaded."""
    found = set()
    for name, package in libraries.items():
        try:
            load(name)
        except OSError:
            found.add(package)
    return sorted(found)


def needed(command: str, arguments: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the libraries that Qt will load for a command: none without a window or a display."""
    if command in ("test", "shots", "bench"):
        return QT_ANYWHERE
    if command not in ("run", "demo") or has_command(arguments):
        return {}
    return needed_for_window(environ)


def needed_for_window(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what a window needs where it will be shown; without a display there will be none."""
    if environ.get("QT_QPA_PLATFORM", "xcb") != "xcb" or environ.get("WAYLAND_DISPLAY"):
        return QT_ANYWHERE
    return {**QT_ANYWHERE, **QT_WITH_X} if environ.get("DISPLAY") else {}


def has_command(arguments: Sequence[str]) -> bool:
    """Whether koble is given a command, so that it opens no window."""
    rest = iter(arguments)
    for argument in rest:
        if argument in WITH_VALUE:
            next(rest, None)
        elif argument in ("-h", "--help", "--version") or not argument.startswith("-"):
            return True
    return False


def need_libraries(
    root: Path,
    libraries: Mapping[str, str],
    load: Callable[[str], object] = load_library,
    platform: str = sys.platform,
) -> None:
    """Stop if Qt would not start for want of system libraries; look only until they were once found."""
    found = venv(root) / f"qt-{len(libraries)}.stamp"
    if not libraries or not platform.startswith("linux") or found.exists():
        return
    if packages := missing(libraries, load):
        raise Stop(f"Qt needs system packages. Install them: apt install {' '.join(packages)}")
    found.touch()


# Running


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for tests: no display, no proxies, no keyring picked by variable.

    Compiled modules are kept: the tests start hundreds of processes, and each would compile all of them anew.
    """
    unwanted = {*PROXIES, "python_keyring_backend", "pythondontwritebytecode"}
    return {k: v for k, v in environ.items() if k.lower() not in unwanted} | {"QT_QPA_PLATFORM": "offscreen"}


def become(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Hand over to a program: its output, its signals, its status."""
    if os.name == "nt":
        return wait(subprocess.Popen(command, env=dict(environ)))
    return os.execve(command[0], list(command), dict(environ))


def wait(process: subprocess.Popen[bytes]) -> int:
    """Return the status of a program; Ctrl-C is for the program to answer."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()


def pytest_arguments(arguments: Sequence[str]) -> list[str]:
    """Return what pytest is told: a whole run must also cover core and providers entirely."""
    # The last tests go to whichever process is idle; else one of two works on for long after the other.
    whole = ["-n", str(WORKERS), "--dist", "worksteal", "--cov", "--cov-branch", "--cov-fail-under=100"]
    return [*([] if set(arguments) - set(HARMLESS) else whole), *arguments]


def run(interpreter: Path, arguments: Sequence[str]) -> int:
    """Run koble where the caller stands; -P, so that no `wizard` folder there is taken for ours."""
    return become([str(interpreter), "-P", "-m", "wizard", *arguments], os.environ)


def module(interpreter: Path, root: Path, *arguments: str) -> int:
    """Run a module of the checkout at its root, without display and proxies."""
    os.chdir(root)
    return become([str(interpreter), "-m", *arguments], clean(os.environ))


def check(interpreter: Path, root: Path) -> int:
    """Run all checkers, whatever each of them finds; return the worst status."""
    steps = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["lint-imports"])
    worst = 0
    for tool, *arguments in steps:
        say(f"{' '.join([tool, *arguments])}:")
        ended = subprocess.run([str(interpreter.with_name(tool)), *arguments], cwd=root, check=False)
        worst = max(worst, abs(ended.returncode))
    say("supply check:")
    supply = [str(interpreter), "-m", "tools.supply", "check"]
    return max(worst, abs(subprocess.run(supply, cwd=root, check=False).returncode))


def audit(interpreter: Path, root: Path) -> int:
    """Ask for known vulnerabilities; through the proxies that the caller has, unlike the tests."""
    os.chdir(root)
    return become([str(interpreter), "-m", "tools.supply", "audit"], os.environ)


def sbom(interpreter: Path, root: Path, arguments: Sequence[str]) -> int:
    """Write the bill of materials into a file, given as the caller sees it."""
    if len(arguments) != 1:
        raise Stop("Say where the bill of materials goes: python3 dev.py sbom FILE")
    return module(interpreter, root, "tools.supply", "sbom", str(Path(arguments[0]).absolute()))


def shots(interpreter: Path, root: Path, arguments: Sequence[str]) -> int:
    """Render every page into a folder, given as the caller sees it."""
    if not arguments or arguments[0].startswith("-"):
        raise Stop("Say where the pictures go: python3 dev.py shots DIR")
    return module(interpreter, root, "tests.shots", str(Path(arguments[0]).absolute()), *arguments[1:])


# The lock file


def lock(root: Path) -> int:
    """Make the lock file anew: the newest versions for all platforms, hashes, no download address."""
    import tempfile

    need_venv()
    with tempfile.TemporaryDirectory() as folder:
        tools, made = Path(folder, "tools"), Path(folder, "requirements.lock")
        quietly([base_python(), "-m", "venv", str(tools)], root)
        pip(python(tools), root, "uv")
        quietly([str(python(tools)), "-m", "uv", *compile_arguments(made)], root)
        write_lock(root, made.read_text("utf-8"))
    return 0


def compile_arguments(made: Path) -> list[str]:
    """Return what uv is told: every platform, Python from the oldest upwards, hashes, no addresses."""
    scope = ["--extra", "dev", "--universal", "--python-version", ".".join(map(str, OLDEST))]
    silent = ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"]
    output = ["--generate-hashes", *silent, "--output-file", str(made)]
    return ["pip", "compile", "pyproject.toml", *scope, *output]


def write_lock(root: Path, text: str) -> None:
    """Write the lock file in one step; Stop if an address slipped in."""
    if "://" in text:
        raise Stop("The new lock file holds an address (a direct reference?); the old one is kept.")
    target = root / "packaging" / "requirements.lock"
    fresh = target.with_suffix(".new")
    fresh.write_text(LOCK_HEADER + text, "utf-8", newline="\n")
    fresh.replace(target)


# The front door


def perform(command: str, arguments: Sequence[str], root: Path) -> int:
    """Do what was asked; return the exit status (a program that takes over returns its own)."""
    if command == "lock":
        return lock(root)
    interpreter = ensure(root)
    need_libraries(root, needed(command, arguments, os.environ))
    actions: dict[str, Callable[[], int]] = {
        "run": lambda: run(interpreter, arguments),
        "demo": lambda: run(interpreter, ["--practice", *arguments]),
        "test": lambda: module(interpreter, root, "pytest", *pytest_arguments(arguments)),
        "check": lambda: check(interpreter, root),
        "audit": lambda: audit(interpreter, root),
        "sbom": lambda: sbom(interpreter, root, arguments),
        "shots": lambda: shots(interpreter, root, arguments),
        "bench": lambda: module(interpreter, root, "benchmarks", *arguments),
    }
    return actions[command]()


def need_python(version: tuple[int, ...]) -> None:
    """Stop with one line if Python is too old."""
    if version[:2] < OLDEST:
        had, wanted = (".".join(map(str, each[:2])) for each in (version, OLDEST))
        raise Stop(f"Koble needs Python {wanted} or later; this is Python {had}. Start a newer one.")


def main(arguments: Sequence[str], root: Path = ROOT, version: tuple[int, ...] = sys.version_info[:3]) -> int:
    """Check, set up and do what was asked; return the exit status."""
    known = ("run", "demo", "test", "check", "audit", "sbom", "shots", "bench", "lock")
    if not arguments or arguments[0] not in known:
        say(USAGE)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    try:
        need_python(version)
        return perform(arguments[0], arguments[1:], root)
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        say("Interrupted; the next start carries on.")
        return 130


def start() -> NoReturn:
    """Run as a command."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    start()
