#ifndef SUNDOG_VIDEO_SCALE_H
#define SUNDOG_VIDEO_SCALE_H

// sundog_halve writes the mean of each 2×2 samples of src; width and height are dst's.
void sundog_halve(unsigned char *dst, int dstride, const unsigned char *src, int sstride, int width, int height);

#endif
