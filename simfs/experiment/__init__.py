"""Many replications: running, storing, resuming and calibrating."""
