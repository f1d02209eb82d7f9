"""The wheel, built from this checkout and installed where the checkout cannot be seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from wizard import __version__

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
WHERE = "import sysconfig; print(sysconfig.get_path('purelib'))"
SEES = """
import wizard, sys
from wizard.core import paths
from wizard.core.registry import built_in
assert str(paths.translations()).startswith(sys.prefix), paths.translations()
print(wizard.__file__)
"""
CHECKOUT = "from wizard.core import paths; print(paths.is_checkout())"
PAINTS = """
import sys
from PySide6.QtCore import QTimer
from wizard.core.preset import Preset
from wizard.gui.app import make_application, make_window
from wizard.gui.bridge import Bridge

application = make_application()
bridge = Bridge(practice=True)
window = make_window(bridge, preset=Preset(), wish="nb", practice=True)
window.show()
QTimer.singleShot(300, application.quit)
application.exec()
picture = window.grab().toImage()
bridge.close()
colours = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}
print(window.windowTitle(), len(colours))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE)
    (built,) = folder.glob(f"koble-{__version__}-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with Koble in it, what it depends on in sight, and the checkout out of sight."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    run([sys.executable, "-m", "venv", "--without-pip", str(home)], home.parent)
    python = home / "bin" / "python"
    site = Path(
        run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], home).strip()
    )
    options = ["--no-deps", "--no-index", "--no-compile", "--quiet", "--disable-pip-version-check"]
    run([sys.executable, "-m", "pip", "--python", str(python), "install", *options, str(wheel)], home)
    ours = Path(sysconfig.get_path("purelib"))
    seen = home / "seen"
    seen.mkdir()
    for thing in ours.iterdir():  # all but the editable install, which leads to the checkout
        if "koble" not in thing.name.lower() and thing.suffix != ".pth":
            (seen / thing.name).symlink_to(thing)
    (site / "dependencies.pth").write_text(f"{seen}\n", "utf-8")
    return home


def run(command: list[str], cwd: Path, stdin: str = "", **environ: str) -> str:
    """Run a program away from the checkout; return what it wrote."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command,
        cwd=cwd,
        input=stdin,
        env={**clean, **environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_the_wheel_holds_all_that_is_shown(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"wizard/translations/nb.toml", "wizard/translations/en.toml"}
    for slug in ("fiken", "tripletex", "poweroffice"):
        folder = ROOT / "wizard" / "providers" / slug
        files = [*folder.glob("*.toml"), *folder.glob("images/*.svg"), *folder.glob("*.py")]
        assert len(files) > 5
        wanted |= {file.relative_to(ROOT).as_posix() for file in files}
    wanted |= {f"wizard/{file.relative_to(ROOT).as_posix()}" for file in (ROOT / "resources").rglob("*.svg")}
    wanted.add("wizard/resources/signers.json")
    wanted |= {f"wizard/resources/presets/{name}.toml" for name in ("demo", "escali")}
    assert wanted <= names
    assert not [name for name in names if not name.startswith(("wizard/", f"koble-{__version__}.dist-info/"))]


def test_the_checkout_is_not_what_runs(installed: Path, tmp_path: Path) -> None:
    told = run([str(installed / "bin" / "python"), "-c", SEES], tmp_path)
    assert told.startswith(str(installed))


def test_the_command_line_runs_from_anywhere(installed: Path, tmp_path: Path) -> None:
    koble = str(installed / "bin" / "koble")
    systems = [json.loads(line) for line in run([koble, "systems", "--json"], tmp_path).splitlines()]
    assert {"fiken", "tripletex", "poweroffice"} <= {one["system"] for one in systems}
    keys = json.loads(run([koble, "practice", "--keys"], tmp_path))
    lines = run([koble, "connect", "fiken", "--practice", "--json"], tmp_path, json.dumps(keys["fiken"]))
    receipt = json.loads(lines.splitlines()[-1])
    assert (receipt["event"], receipt["company"]["orgnr"]) == ("receipt", "313000028")


def test_an_unsigned_preset_cannot_pose_as_the_bank(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "bank.toml").write_text('partner = "Fjordbanken"\nlanguage = "en"\n', "utf-8")
    (tmp_path / "start").write_text('{"v": 1, "system": "fiken"}', "utf-8")
    koble = str(installed / "bin" / "koble")
    command = [koble, "connect", "fiken", "--preset", "bank.toml", "--store", "memory", "--start", "start"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ = {**clean, "KOBLE_UNSIGNED": "all", "KOBLE_SIGNERS": str(tmp_path)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environ, input="{}", capture_output=True, text=True, check=False,
        timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Nobody has signed it." in done.stderr
    assert "Fjordbanken" not in done.stderr
    told = subprocess.run(
        [koble, "connections", "--preset", "bank.toml"], cwd=tmp_path, env=environ, capture_output=True,
        text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert told.stderr.strip().endswith("left this out: partner.")


def test_an_installed_program_loads_no_plug_in_that_nobody_named(installed: Path, tmp_path: Path) -> None:
    info = tmp_path / "more" / "koble_more-1.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "more" / "koble_more.py").write_text("open(__file__ + '.ran', 'w')", "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: koble-more\nVersion: 1\n", "utf-8")
    (info / "entry_points.txt").write_text("[koble.providers]\nmore = koble_more:PROVIDER\n", "utf-8")
    koble = [str(installed / "bin" / "koble"), "systems"]
    assert "fiken" in run(koble, tmp_path, PYTHONPATH=str(tmp_path / "more"))
    assert not list((tmp_path / "more").glob("*.ran"))
    python = [str(installed / "bin" / "python"), "-c", CHECKOUT]
    assert run(python, tmp_path).strip() == "False"


def test_the_window_paints_itself_from_anywhere(installed: Path, tmp_path: Path) -> None:
    python = str(installed / "bin" / "python")
    told = run([python, "-c", PAINTS], tmp_path, QT_QPA_PLATFORM="offscreen", HOME=str(tmp_path))
    title, _, colours = told.strip().rpartition(" ")
    assert title.endswith("Koble")
    assert int(colours) > 10


def test_the_window_s_own_script_runs_until_it_is_ended(installed: Path, tmp_path: Path) -> None:
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    command = [str(installed / "bin" / "koble-wizard"), "--practice"]
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(2.0)
        finally:
            process.terminate()
        _, told = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in told
