#include "kernels/cpu/attention.h"
#include "kernels/cpu/elementwise.h"
#include "kernels/cpu/few_queries.h"
#include "kernels/cpu/few_rows.h"
#include "kernels/cpu/multiply.h"
#include "kernels/cpu/product.h"
#include "kernels/cpu/winograd.h"

#define UNCLIP_TEXT_OF(name) #name
#define UNCLIP_TEXT(name) UNCLIP_TEXT_OF(name)

namespace unclip::UNCLIP_ISA {

extern const kernels::Table kTable = {.name = UNCLIP_TEXT(UNCLIP_ISA),
                                      .chunk = kChunk,
                                      .winograd = winograd,
                                      .winograd_scratch = winograd_scratch,
                                      .moments = moments,
                                      .scale_shift = scale_shift,
                                      .spatial_scale_shift = spatial_scale_shift,
                                      .few_rows = few_rows,
                                      .product = product,
                                      .product_scratch = product_scratch,
                                      .attention = attention,
                                      .attention_scratch = attention_scratch,
                                      .few_queries = few_queries,
                                      .few_queries_scratch = few_queries_scratch};

}  // namespace unclip::UNCLIP_ISA
