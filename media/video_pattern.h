#ifndef SUNDOG_VIDEO_PATTERN_H
#define SUNDOG_VIDEO_PATTERN_H

// sundog_over moves each of width×height samples towards a value, by light/255.
void sundog_over(unsigned char *dst, int dstride, const unsigned char *light, int lstride, int width, int height, int to);

#endif
