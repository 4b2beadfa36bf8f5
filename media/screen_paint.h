#ifndef SUNDOG_SCREEN_PAINT_H
#define SUNDOG_SCREEN_PAINT_H

// Scales an I420 picture (BT.601, 16..235) of sw×sh into an RGBA picture of dw×dh. Strides are in bytes.
void sundog_paint(unsigned char *dst, int dst_stride, int dw, int dh, const unsigned char *y, const unsigned char *cb, const unsigned char *cr,
                  int ystride, int cstride, int sw, int sh, int mirror);

#endif
