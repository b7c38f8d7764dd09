"""The rules of a day (see simfs.engine) as one compiled function over tables of numbers."""
