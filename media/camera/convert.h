#ifndef SUNDOG_CAMERA_CONVERT_H
#define SUNDOG_CAMERA_CONVERT_H

// Scales an RGBA picture of sw×sh down to dw×dh (both even) and makes I420 of it, BT.601, 16..235, planes without padding. 0: no memory.
int sundog_rgba_to_i420(const unsigned char *src, int stride, int sw, int sh, unsigned char *y, unsigned char *cb, unsigned char *cr, int dw, int dh);

#endif
