#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <string_view>

namespace unclip::cli {

/// Bytes in base64. RFC 4648, section 4, https://www.rfc-editor.org/rfc/rfc4648#section-4
std::string to_base64(std::string_view bytes);
/// x's numbers, little-endian float32, in base64.
std::string to_base64(const at::Tensor& x);
/// The reverse, flat; nothing if the text is no whole float32 numbers, or none, or longer than
/// 64 MiB.
std::optional<at::Tensor> from_base64(std::string text);

}  // namespace unclip::cli
