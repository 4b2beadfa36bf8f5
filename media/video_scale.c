#include "video_scale.h"

#include <stddef.h>

void sundog_halve(unsigned char *restrict dst, int dstride, const unsigned char *restrict src, int sstride, int width, int height) {
	for (int y = 0; y < height; y++) {
		const unsigned char *restrict a = src + (size_t)2 * y * sstride;
		const unsigned char *restrict b = a + sstride;
		unsigned char *restrict d = dst + (size_t)y * dstride;
		for (int x = 0; x < width; x++) d[x] = (unsigned char)((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) >> 2);
	}
}
