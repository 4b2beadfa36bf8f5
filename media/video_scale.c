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

void sundog_reduce(unsigned char *restrict dst, int dstride, int width, int height, const unsigned char *restrict src, int sstride, int swidth,
                   const int32_t *across, const uint16_t *across_share, int across_most, const int32_t *down, const uint16_t *down_share, int down_most,
                   uint16_t *restrict sum) {
	for (int y = 0; y < height; y++) {
		for (int k = 0; k < down_most; k++) {
			const uint16_t share = down_share[(size_t)y * down_most + k];
			const unsigned char *restrict s = src + (size_t)(down[y] + k) * sstride;
			if (k == 0)
				for (int x = 0; x < swidth; x++) sum[x] = (uint16_t)(share * s[x]);
			else if (share)
				for (int x = 0; x < swidth; x++) sum[x] = (uint16_t)(sum[x] + share * s[x]);
		}
		unsigned char *restrict d = dst + (size_t)y * dstride;
		for (int x = 0; x < width; x++) {
			const uint16_t *share = across_share + (size_t)x * across_most, *s = sum + across[x];
			uint32_t v = 1 << 15;
			for (int k = 0; k < across_most; k++) v += (uint32_t)share[k] * s[k];
			d[x] = (unsigned char)(v >> 16);
		}
	}
}
