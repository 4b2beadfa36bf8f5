// The binary interface of openh264 2.1 as far as this package calls it: our own declarations of the
// structures and of the two method tables. Layouts and numbers must match the linked library exactly.
#ifndef SUNDOG_OPENH264_H
#define SUNDOG_OPENH264_H

#include <stdbool.h>

enum {
	oh_spatial_layers = 4,   // spatial layers in the parameters
	oh_slices         = 35,  // entries of the slice table
	oh_bs_layers      = 128, // layers in one frame's output

	oh_usage_camera  = 0,
	oh_rc_off        = -1,
	oh_rc_bitrate    = 1,
	oh_baseline      = 66,
	oh_i420          = 23,
	oh_frame_idr     = 1,
	oh_frame_skip    = 4,
	oh_complexity_lo = 0, oh_complexity_mid = 1, oh_complexity_hi = 2,

	oh_enc_params_ext  = 3,
	oh_enc_frame_rate  = 4,
	oh_enc_bitrate     = 5,
	oh_enc_max_bitrate = 6,
	oh_enc_trace_level = 25,
	oh_dec_trace_level = 9,
	oh_layer_all       = 4,
	oh_video_avc       = 0,
};

typedef struct {
	int      mode;
	unsigned count;
	unsigned mb_count[oh_slices];
	unsigned size_limit;
} oh_slicing;

typedef struct {
	int            width, height;
	float          frame_rate;
	int            bitrate, max_bitrate; // bit/s
	int            profile, level, qp;
	oh_slicing     slicing;
	bool           signal_type_present;
	unsigned char  video_format;
	bool           full_range, colour_present;
	unsigned char  primaries, transfer, matrix;
	bool           aspect_present;
	int            aspect;
	unsigned short aspect_w, aspect_h;
} oh_spatial;

typedef struct {
	int            usage, width, height, bitrate, rc_mode;
	float          frame_rate;
	int            temporal_layers, spatial_layers;
	oh_spatial     spatial[oh_spatial_layers];
	int            complexity;
	unsigned       intra_period;
	int            ref_frames, id_strategy;
	bool           prefix_nal, ssei, simulcast;
	int            padding, cabac;
	bool           frame_skip;
	int            max_bitrate, max_qp, min_qp;
	unsigned       max_nal_size;
	bool           ltr;
	int            ltr_frames;
	unsigned       ltr_period;
	unsigned short threads;
	bool           load_balancing;
	int            deblock_off, deblock_alpha, deblock_beta;
	bool           denoise, background, adaptive_quant, cropping, scene_change, lossless_link;
} oh_enc_params;

typedef struct {
	unsigned char  temporal_id, spatial_id, quality_id;
	int            frame_type;
	unsigned char  layer_type;
	int            sub_seq, nal_count;
	int           *nal_sizes;
	unsigned char *data;
} oh_bs_layer;

typedef struct {
	int         layer_count;
	oh_bs_layer layers[oh_bs_layers];
	int         frame_type, size;
	long long   timestamp;
} oh_bs;

typedef struct {
	int            format, stride[4];
	unsigned char *data[4];
	int            width, height;
	long long      timestamp; // ms
} oh_picture;

typedef struct { int layer, bitrate; } oh_bitrate;

typedef const struct oh_enc_methods *oh_enc;
struct oh_enc_methods {
	int (*initialize)(oh_enc *, const void *);
	int (*initialize_ext)(oh_enc *, const oh_enc_params *);
	int (*default_params)(oh_enc *, oh_enc_params *);
	int (*uninitialize)(oh_enc *);
	int (*encode)(oh_enc *, const oh_picture *, oh_bs *);
	int (*parameter_sets)(oh_enc *, oh_bs *);
	int (*force_intra)(oh_enc *, bool idr, int layer);
	int (*set_option)(oh_enc *, int, void *);
	int (*get_option)(oh_enc *, int, void *);
};

typedef struct {
	char         *dump_file;
	unsigned      cpu_load;
	unsigned char dq_layer;
	int           concealment;
	bool          parse_only;
	struct { unsigned size; int type; } stream;
} oh_dec_params;

typedef struct {
	int                status; // 1: a picture is ready
	unsigned long long in_time, out_time;
	struct { int width, height, format, stride[2]; } buf;
	unsigned char     *planes[3];
} oh_buffer;

typedef const struct oh_dec_methods *oh_dec;
struct oh_dec_methods {
	long (*initialize)(oh_dec *, const oh_dec_params *);
	long (*uninitialize)(oh_dec *);
	int (*decode_frame)(oh_dec *, const unsigned char *, int, unsigned char **, int *, int *, int *);
	int (*decode_no_delay)(oh_dec *, const unsigned char *, int, unsigned char **, oh_buffer *);
	int (*decode2)(oh_dec *, const unsigned char *, int, unsigned char **, oh_buffer *);
	int (*flush)(oh_dec *, unsigned char **, oh_buffer *);
	int (*parse)(oh_dec *, const unsigned char *, int, void *);
	int (*decode_ex)(oh_dec *, const unsigned char *, int, unsigned char *, int, int *, int *, int *, int *);
	long (*set_option)(oh_dec *, int, void *);
	long (*get_option)(oh_dec *, int, void *);
};

int  WelsCreateSVCEncoder(oh_enc **);
void WelsDestroySVCEncoder(oh_enc *);
long WelsCreateDecoder(oh_dec **);
void WelsDestroyDecoder(oh_dec *);

// What encoder.go and decoder.go call.

typedef struct {
	oh_enc       *engine;
	oh_bs         out;
	oh_enc_params params;
	int           size, frame_type, temporal_layer; // of the last picture
} sundog_encoder;

int  sundog_enc_open(sundog_encoder **e, int width, int height, float rate, int bitrate, int temporal_layers, int complexity, int qp);
int  sundog_enc_encode(sundog_encoder *e, unsigned char *y, unsigned char *cb, unsigned char *cr, int ystride, int cstride,
                       int width, int height, int key, long long ms);
void sundog_enc_copy(sundog_encoder *e, unsigned char *dst);
int  sundog_enc_set_bitrate(sundog_encoder *e, int bitrate);
int  sundog_enc_set_qp(sundog_encoder *e, int qp);
int  sundog_enc_set_rate(sundog_encoder *e, float rate);
void sundog_enc_close(sundog_encoder *e);

typedef struct {
	oh_dec        *engine;
	unsigned char *planes[3];
	int            width, height, ystride, cstride;
	int            ready; // the last unit gave a picture
} sundog_decoder;

int  sundog_dec_open(sundog_decoder **d);
int  sundog_dec_decode(sundog_decoder *d, unsigned char *data, int size);
void sundog_dec_copy(sundog_decoder *d, unsigned char *y, unsigned char *cb, unsigned char *cr, int ystride, int cstride,
                     int width, int height);
void sundog_dec_close(sundog_decoder *d);

#endif
