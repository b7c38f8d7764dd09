"""The rooms of the house: who may know whom, and which library lives in which module."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import simfs

ROOT = Path(simfs.__path__[0])

LAYERS = [  # each may import only what stands above it
    {"errors"},
    {"scenario"},
    {"engine"},
    {"analysis"},
    {"experiment"},
    {"report"},
    {"options"},
    {
        "commands",
        "commands_claims",
        "commands_compare",
        "commands_fit",
        "commands_sensitivity",
        "commands_staffing",
    },
    {"cli"},
    {"__main__"},
]
RANK = {name: i for i, layer in enumerate(LAYERS) for name in layer}

HOMES = {  # heavy libraries, and the only modules that may import them
    "click": {
        "cli",
        "commands",
        "commands_claims",
        "commands_compare",
        "commands_fit",
        "commands_sensitivity",
        "commands_staffing",
        "options",
    },
    "SALib": {"experiment.screening"},
    "distributed": {"experiment.cluster"},
    "jinja2": {"report.html"},
    "matplotlib": {"report.figures"},
    "numba": {"engine.jit"},
    "pyarrow": {"experiment.parquet"},
    "rich": {"experiment.progress"},
    "simpy": {"engine.reference"},
    "xlsxwriter": {"report.excel"},
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def imported_by(path: Path) -> Iterator[str]:
    """Every dotted name that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def of_simfs(path: Path) -> set[str]:
    """The modules of simfs that a module imports, without the package's own name."""
    found = set()
    for name in imported_by(path):
        parts = name.split(".")
        if parts[0] != "simfs":
            continue
        while parts and ".".join(parts[1:]) not in MODULES:
            parts.pop()
        found.add(".".join(parts[1:]))
    return found - {""}


def test_every_module_has_a_layer():
    assert {name.split(".")[0] for name in MODULES if name} == set(RANK)


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_modules_import_only_from_their_own_room_and_lower_layers(name):
    room = name.split(".")[0]
    for other in {imported.split(".")[0] for imported in of_simfs(MODULES[name])} - {room}:
        assert RANK[other] < RANK[room], f"{name} must not import {other}"


def test_no_module_needs_itself_by_way_of_others():
    graph = {name: of_simfs(path) for name, path in MODULES.items()}
    assert set(TopologicalSorter(graph).static_order()) >= set(graph)  # raises on a cycle


def test_the_form_of_scenario_files_stays_in_its_room():
    users = {
        name
        for name, path in MODULES.items()
        if "pydantic" in {imported.split(".")[0] for imported in imported_by(path)}
    }
    assert {name.split(".")[0] for name in users} == {"scenario"}


@pytest.mark.parametrize("constant", ["ENGINES", "SEED_END"])
def test_what_a_run_may_be_given_is_written_down_once(constant):
    writers = [
        name
        for name, path in MODULES.items()
        for statement in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Assign)
        and constant in {target.id for target in statement.targets if isinstance(target, ast.Name)}
    ]
    assert len(writers) == 1


@pytest.mark.parametrize("library", HOMES)
def test_a_heavy_library_is_imported_in_its_home_only(library):
    users = {
        name
        for name, path in MODULES.items()
        if library in {imported.split(".")[0] for imported in imported_by(path)}
    }
    assert users <= HOMES[library]


def test_help_needs_no_heavy_library():
    script = (
        "import sys; from simfs.cli import main; main(['--help'], standalone_mode=False); "
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    loaded = set(ast.literal_eval(told.splitlines()[-1]))
    heavy = {*HOMES, "numpy", "scipy", "pydantic"} - {"click"}
    assert "click" in loaded
    assert loaded & heavy == set()
