"""The house itself: the arrows, the explicit tuples, the sizes of files, and what README promises."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from kernels import KERNELS
from kernels.contract import Kernel
from kernels.quantities import LANGUAGES, QUANTITIES
from viewer.cli import COMMANDS

HOME = Path(__file__).resolve().parents[1]
ROOMS = ("kernels", "twin", "scenarios", "viewer")


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=True,
    )
    return [HOME / line for line in listed.stdout.splitlines() if (HOME / line).is_file()]


def test_top_level_holds_what_the_design_names() -> None:
    allowed = {
        "pyproject.toml", "uv.lock", "README.md", "CHANGELOG.md", "Makefile", ".gitignore", ".ci", "docs",
        "assets", "tests", *ROOMS,
    }  # fmt: skip
    found = {path.relative_to(HOME).parts[0] for path in _tracked()}
    assert found <= allowed, f"not in the design: {sorted(found - allowed)}"


def test_imports_point_down_and_heavy_ones_stay_in_their_rooms() -> None:
    found = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=HOME, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("library", ["trimesh", "pyvista", "vtk", "fastapi", "numba"])
def test_one_heavy_dependency_has_one_room(library: str) -> None:
    room = {
        "trimesh": "twin/mesh.py",
        "pyvista": "viewer/scene.py",
        "vtk": "viewer/scene.py",
        "fastapi": "viewer/server/",
        "numba": "kernels/",
    }[library]
    for path in _tracked("*.py"):
        name = path.relative_to(HOME).as_posix()
        if name.startswith(("tests/", room)) or not name.startswith(ROOMS):
            continue
        imported = {alias.name.split(".")[0] for node in _imports(path) for alias in node.names} | {
            (node.module or "").split(".")[0] for node in _imports(path) if isinstance(node, ast.ImportFrom)
        }
        assert library not in imported, f"{name} imports {library}; only {room} may"


def _imports(path: Path) -> list[ast.Import | ast.ImportFrom]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_no_file_outgrows_its_subject() -> None:
    long = {
        path.relative_to(HOME).as_posix(): lines
        for path in _tracked("*.py", "*.ts")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 450
    }
    assert not long, f"two files each: {long}"


def test_there_is_no_room_called_utils() -> None:
    assert not [path for path in _tracked("*.py") if path.stem in {"utils", "util", "helpers", "common", "misc"}]


def test_only_the_command_line_prints() -> None:
    for path in _tracked("*.py"):
        name = path.relative_to(HOME).as_posix()
        if name.startswith(ROOMS) and not name.startswith(("viewer/cli", "viewer/web")):
            calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
            assert not [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"], name


def test_every_module_opens_with_one_sentence_on_what_it_is_for() -> None:
    for path in _tracked("*.py"):
        if path.relative_to(HOME).as_posix().startswith(ROOMS):
            opening = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
            assert opening, f"{path.relative_to(HOME)} does not say what it is for"


def test_every_kernel_folder_stands_in_the_tuple() -> None:
    folders = {path.parent.name for path in (HOME / "kernels").glob("*/kernel.py")}
    assert {kernel.name for kernel in KERNELS} == folders
    for kernel in KERNELS:
        assert isinstance(kernel(), Kernel)


def test_every_word_a_kernel_uses_is_a_quantity() -> None:
    for kernel in KERNELS:
        words = {need.name for need in (*kernel.layers, *kernel.forcing)} | set(kernel.gives)
        assert words <= set(QUANTITIES), f"{kernel.name}: add {sorted(words - set(QUANTITIES))} to kernels/quantities"


def test_every_quantity_has_its_words_in_three_languages() -> None:
    for quantity in QUANTITIES.values():
        assert all(quantity.label[language] for language in LANGUAGES), quantity.name
        assert re.fullmatch(r"[a-z0-9_]+", quantity.name)


def test_every_command_of_the_front_door_opens() -> None:
    written = {
        path.stem
        for path in (HOME / "viewer" / "cli").glob("*.py")
        if re.search(r"^command = ", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {module.rsplit(".", 1)[1] for module, _ in COMMANDS.values()} == written
    for module, words in COMMANDS.values():
        assert import_module(module).command.help
        assert words.endswith(".")


def test_a_command_that_does_not_draw_never_loads_vtk() -> None:
    modules = "viewer.cli.flood, viewer.cli.run, viewer.cli.importing, viewer.cli.serve"
    code = f"import sys, {modules}; sys.exit(bool({{'vtk', 'pyvista'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=HOME, check=False).returncode == 0


def test_readme_names_only_commands_that_exist() -> None:
    texts = [HOME / "README.md", *sorted((HOME / "docs").glob("*.md"))]
    targets = set(re.findall(r"^([a-z-]+):", (HOME / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path in texts:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(
            r"bxl-twin ([a-z]+(?:-[a-z]+)*)", " ".join(re.findall(r"`[^`]+`|```.*?```", text, re.DOTALL))
        ):
            assert name in COMMANDS, f"{path.name} names bxl-twin {name}"
        for target in re.findall(r"\bmake ([a-z-]+)`", text):
            assert target in targets, f"{path.name} names make {target}"


def test_readme_and_docs_link_to_files_that_exist() -> None:
    for path in [HOME / "README.md", HOME / "CHANGELOG.md", *sorted((HOME / "docs").glob("*.md"))]:
        for link in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
            if not link.startswith("http"):
                assert (path.parent / link).exists(), f"{path.name} links to {link}"


def test_the_lock_file_is_that_of_the_project() -> None:
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = tomllib.loads((HOME / "uv.lock").read_text(encoding="utf-8"))["package"]
    own = next(package for package in locked if package["name"] == project["name"])
    written = {re.split(r"[\[><=~!;]", text)[0].strip().lower().replace("_", "-") for text in project["dependencies"]}
    kept = {one["name"] for one in own["metadata"]["requires-dist"] if "extra" not in one.get("marker", "")}
    assert written == kept, "run uv lock"


def test_nothing_of_the_reference_data_ships() -> None:
    large = [path for path in _tracked() if path.stat().st_size > 2_000_000]
    assert not large, f"too large for the project: {large}"
    names = {path.name for path in _tracked()}
    assert not {name for name in names if name.startswith(("urbis3d_", "osm_", "bm_")) and not name.endswith(".py")}
