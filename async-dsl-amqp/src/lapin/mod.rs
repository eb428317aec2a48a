//! The wire to a real broker: `lapin`, on our own scheduler. Whatever is lapin's stays in this folder.
