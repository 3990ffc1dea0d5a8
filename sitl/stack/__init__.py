"""The processes of one simulated stack: folder, keys, configuration files, ports, and who watches over a program not ours."""
