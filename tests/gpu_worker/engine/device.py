"""A device process of the tests, with their maker and counting hardware; the worker starts it as its `Kit` says."""

from gpu_worker.devices import Found
from gpu_worker.engine.maker import MAKERS
from gpu_worker.engine.process import run
from tests.gpu_worker.engine import making


def counting(found: Found) -> making.Counting:
    making.maker.hardware = making.Counting(found)
    return making.maker.hardware


if __name__ == "__main__":
    MAKERS.clear()  # a GPU's process imports all makers at its start, and torch takes seconds
    MAKERS[making.KIND] = making.__name__
    run(counting)
