"""The main job as `make demo` runs it: the same services, worker, web server and callbacks as in earnest."""
