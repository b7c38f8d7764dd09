"""Families moving through English children's social care, simulated to test savings claims."""

__version__ = "0.1.0"
