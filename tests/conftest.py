"""Here so that pytest finds the modules beside the tests, from the folders below too."""
