#include "convert.h"

#include <stdint.h>
#include <stdlib.h>

// BT.601 in 1/256: 65.738 129.057 25.064, -37.945 -74.494 112.439, 112.439 -94.154 -18.285.
static void luma(const uint8_t *restrict p, uint8_t *restrict y, int n) {
	for (int i = 0; i < n; i++) y[i] = (66 * p[4 * i] + 129 * p[4 * i + 1] + 25 * p[4 * i + 2] + 128 + 16 * 256) >> 8;
}

static void chroma(const uint8_t *restrict a, const uint8_t *restrict b, uint8_t *restrict cb, uint8_t *restrict cr, int n) {
	for (int i = 0; i < n; i++) {
		const uint8_t *s = a + 8 * i, *t = b + 8 * i;
		int red = s[0] + s[4] + t[0] + t[4], green = s[1] + s[5] + t[1] + t[5], blue = s[2] + s[6] + t[2] + t[6];
		cb[i] = (-38 * red - 74 * green + 112 * blue + 512 + 128 * 1024) >> 10;
		cr[i] = (112 * red - 94 * green - 18 * blue + 512 + 128 * 1024) >> 10;
	}
}

// One line of the picture made smaller: every sample is the mean of the source's pixels that it covers, those at the edges by their share
// (in 1/256), so that text stays even.
static void reduce(const uint8_t *src, int stride, int sw, int sh, uint8_t *out, uint32_t *sum, int row, int dw, int dh) {
	int64_t top = (int64_t)row * sh * 256 / dh, bottom = (int64_t)(row + 1) * sh * 256 / dh;
	for (int i = 0; i < 4 * sw; i++) sum[i] = 0;
	for (int64_t j = top >> 8; j < sh && j * 256 < bottom; j++) {
		int64_t from = j * 256 > top ? j * 256 : top, to = (j + 1) * 256 < bottom ? (j + 1) * 256 : bottom;
		uint32_t       share = (uint32_t)((to - from) * 256 / (bottom - top)); // of all the lines covered
		const uint8_t *s = src + (size_t)j * stride;
		for (int i = 0; i < 4 * sw; i++) sum[i] += share * s[i];
	}
	for (int x = 0; x < dw; x++) {
		int64_t  left = (int64_t)x * sw * 256 / dw, right = (int64_t)(x + 1) * sw * 256 / dw;
		uint64_t acc[3] = {0, 0, 0};
		for (int64_t i = left >> 8; i < sw && i * 256 < right; i++) {
			int64_t from = i * 256 > left ? i * 256 : left, to = (i + 1) * 256 < right ? (i + 1) * 256 : right;
			for (int k = 0; k < 3; k++) acc[k] += (uint64_t)sum[4 * i + k] * (uint64_t)(to - from);
		}
		uint64_t width = (uint64_t)(right - left) * 256;
		for (int k = 0; k < 3; k++) {
			uint64_t v = (acc[k] + width / 2) / width;
			out[4 * x + k] = v > 255 ? 255 : (uint8_t)v;
		}
		out[4 * x + 3] = 255;
	}
}

int sundog_rgba_to_i420(const unsigned char *src, int stride, int sw, int sh, unsigned char *y, unsigned char *cb, unsigned char *cr, int dw, int dh) {
	int same = dw <= sw && dh <= sh && sw - dw < 2 && sh - dh < 2; // at most an odd line or column is cut off
	uint8_t  *two = same ? 0 : malloc(8 * (size_t)dw);
	uint32_t *sum = same ? 0 : malloc(sizeof(uint32_t) * 4 * (size_t)sw);
	int       ok = same || (two && sum);
	for (int j = 0; ok && j < dh; j += 2) {
		const uint8_t *a = src + (size_t)j * stride, *b = a + stride;
		if (!same) {
			reduce(src, stride, sw, sh, two, sum, j, dw, dh);
			reduce(src, stride, sw, sh, two + 4 * (size_t)dw, sum, j + 1, dw, dh);
			a = two;
			b = two + 4 * (size_t)dw;
		}
		luma(a, y + (size_t)j * dw, dw);
		luma(b, y + (size_t)(j + 1) * dw, dw);
		chroma(a, b, cb + (size_t)(j / 2) * (dw / 2), cr + (size_t)(j / 2) * (dw / 2), dw / 2);
	}
	free(two);
	free(sum);
	return ok;
}
