#include "video_pattern.h"

#include <stddef.h>
#include <stdint.h>

// part is a·l/255, rounded down, for a and l up to 255: all in 16 bits, so that eight are done at once.
static inline uint16_t part(uint16_t a, uint16_t l) {
	uint16_t x = (uint16_t)(a * l);
	return (uint16_t)((uint16_t)(x + 1 + (x >> 8)) >> 8);
}

void sundog_over(unsigned char *restrict dst, int dstride, const unsigned char *restrict light, int lstride, int width, int height, int to) {
	const uint16_t t = (uint16_t)to;
	for (int y = 0; y < height; y++) {
		unsigned char *restrict d = dst + (size_t)y * dstride;
		const unsigned char *restrict l = light + (size_t)y * lstride;
		for (int x = 0; x < width; x++) {
			uint16_t v = d[x];
			uint16_t up = t > v ? (uint16_t)(t - v) : 0, down = v > t ? (uint16_t)(v - t) : 0;
			d[x] = (unsigned char)(v + part(up, l[x]) - part(down, l[x]));
		}
	}
}
