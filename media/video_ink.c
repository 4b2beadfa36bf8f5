#include "video_ink.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { side = 16, blank = 1024 }; // a block costs a little even if it is blank

static uint32_t count_ink(const unsigned char *p, int stride, int width, int height) {
	uint32_t sum = 0;
	for (int y = 0; y < height; y++) {
		const unsigned char *a = p + (size_t)y * stride;
		for (int x = 0; x + 1 < width; x++) sum += (uint32_t)abs(a[x] - a[x + 1]);
		if (y + 1 < height)
			for (int x = 0; x < width; x++) sum += (uint32_t)abs(a[x] - a[x + stride]);
	}
	return sum;
}

// Blocks that differ from before become the class of those that changed, and are copied there.
void sundog_ink(const unsigned char *luma, int stride, int width, int height, unsigned char *before, uint8_t *stands, uint32_t *ink,
                uint64_t classes[sundog_changed + 1]) {
	for (int y = 0; y < height; y += side) {
		int rows = height - y < side ? height - y : side;
		for (int x = 0; x < width; x += side, stands++, ink++) {
			int                  columns = width - x < side ? width - x : side;
			const unsigned char *now = luma + (size_t)y * stride + x;
			unsigned char       *old = before + (size_t)y * width + x;
			int                  same = 1;
			for (int i = 0; same && i < rows; i++) same = !memcmp(now + (size_t)i * stride, old + (size_t)i * width, columns);
			if (!same) {
				for (int i = 0; i < rows; i++) memcpy(old + (size_t)i * width, now + (size_t)i * stride, columns);
				*ink = blank + count_ink(now, stride, columns, rows);
				*stands = sundog_changed;
			}
			classes[*stands] += *ink;
		}
	}
}
