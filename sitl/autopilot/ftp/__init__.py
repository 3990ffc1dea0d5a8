"""The MAVLink FTP server: `server.FileServer` speaks the protocol on one link, `tree.Tree` is what it may touch."""
