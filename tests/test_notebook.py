"""The notebook runs, and what is stored in it is what it prints today.

`python tests/test_notebook.py` executes it and stores it again, without times or machine names.
"""

import ast
import importlib
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "bury_to_a_staffing_question.ipynb"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
BYTES = 400_000
SILENT = {"imports", "told"}  # cells that only import or define
UNMOVED = "same-for-any-futures"  # tag of cells that print the scenario, not the run
STORE_AGAIN = "the scenario has changed: store it again with python tests/test_notebook.py"


def read() -> NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture
def notebook() -> NotebookNode:
    return read()


def execute(notebook: NotebookNode) -> None:
    where = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources=where, record_timing=False
    ).execute()


def store_again() -> None:
    notebook = read()
    execute(notebook)
    notebook.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    NOTEBOOK.write_text(nbformat.writes(notebook).rstrip() + "\n", encoding="utf-8")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(notebook: NotebookNode) -> dict[str, str]:
    """What the cells say that look the same however many futures are run, by cell."""
    return {
        cell.id: "".join(output.get("text", "") for output in cell.outputs)
        for cell in code_cells(notebook)
        if UNMOVED in cell.metadata.get("tags", [])
    }


def test_every_cell_of_the_notebook_is_stored_as_run_from_top_to_bottom(notebook):
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert {cell.id for cell in cells if not cell.outputs} == SILENT


def test_the_notebook_is_stored_without_errors_or_remarks(notebook):
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert {output.output_type for output in outputs} == {"stream", "display_data"}
    assert {output.get("name", "stdout") for output in outputs} == {"stdout"}


def test_the_stored_notebook_is_small_and_names_no_machine(notebook):
    content = NOTEBOOK.read_text(encoding="utf-8")
    assert len(content.encode()) < BYTES
    assert notebook.metadata.kernelspec == KERNEL
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)  # no times of execution
    assert str(ROOT) not in content
    assert str(Path.home()) + "/" not in content


def test_every_name_that_the_notebook_takes_from_simfs_is_there(notebook):
    trees = [ast.parse(cell.source) for cell in code_cells(notebook)]
    taken = [
        (node.module, alias.name)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("simfs.")
        for alias in node.names
    ]
    assert len(taken) > 5
    for module, name in taken:
        assert hasattr(importlib.import_module(module), name), f"{module} has no {name}"
        assert not name.startswith("_")


def test_the_notebook_runs_and_still_prints_the_scenario_as_stored(notebook, monkeypatch):
    monkeypatch.setenv("SIMFS_NOTEBOOK_REPS", "4")
    stored = printed(notebook)
    execute(notebook)
    assert printed(notebook) == stored, STORE_AGAIN
    assert len(stored) > 4


if __name__ == "__main__":
    store_again()
