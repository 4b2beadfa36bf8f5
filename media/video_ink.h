#ifndef SUNDOG_VIDEO_INK_H
#define SUNDOG_VIDEO_INK_H

#include <stdint.h>

enum { sundog_changed = 52 }; // the class of blocks that differ from before; the others are quantizers, 0 to 51

void sundog_ink(const unsigned char *luma, int stride, int width, int height, unsigned char *before, uint8_t *stands, uint32_t *ink,
                uint64_t classes[sundog_changed + 1]);

#endif
