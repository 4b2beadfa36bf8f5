#ifndef SUNDOG_VIDEO_SCALE_H
#define SUNDOG_VIDEO_SCALE_H

#include <stdint.h>

// sundog_halve writes the mean of each 2×2 samples of src; width and height are dst's.
void sundog_halve(unsigned char *dst, int dstride, const unsigned char *src, int sstride, int width, int height);

// sundog_reduce writes a smaller plane of width×height. What its samples are made of: sample i along a side of most of the larger plane's, from first[i]
// on, by their shares in 1/256, most for each i, which sum up to 256. sum has room for swidth samples, a line of src.
void sundog_reduce(unsigned char *dst, int dstride, int width, int height, const unsigned char *src, int sstride, int swidth, const int32_t *across,
                   const uint16_t *across_share, int across_most, const int32_t *down, const uint16_t *down_share, int down_most, uint16_t *sum);

#endif
