"""Numbers in order, for the steps that go by case number."""

from simfs.engine.jit import inlined
from simfs.engine.kernel.records import World, sorted_cell


@inlined
def sort(world: World, count: int) -> None:
    """Put the first numbers of `sorted` in order.

    Shell's method with gaps 1, 4, 13, 40, ... (Knuth, The Art of Computer Programming 3, §5.2.1):
    a day has some dozens, and the compiler's own sort costs as much to compile as all the rest.
    """
    gap = 1
    while 3 * gap + 1 < count:
        gap = 3 * gap + 1
    while gap > 0:
        for at in range(gap, count):
            number = sorted_cell(world, at).value
            before = at - gap
            while before >= 0 and sorted_cell(world, before).value > number:
                sorted_cell(world, before + gap).value = sorted_cell(world, before).value
                before -= gap
            sorted_cell(world, before + gap).value = number
        gap //= 3
