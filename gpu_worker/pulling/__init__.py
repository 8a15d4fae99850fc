"""How does a model come onto the shelf? From a hub or a folder: `offers` says what there is, `fetching` brings it.

`python -m gpu_worker.pulling` does it in a process of its own for the worker (`gpu_worker.pulling.job`).
"""
