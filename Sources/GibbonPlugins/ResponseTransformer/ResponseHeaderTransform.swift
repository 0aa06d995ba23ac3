// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// Changes to the headers of a response: remove, rename, replace, add, append.
///
/// Whether a header is there is asked of the response as it came, before any of them: what is removed cannot be added
/// by the same plugin. That is how Kong's works.
struct ResponseHeaderTransform: Sendable {
  private struct Pair: Sendable {
    let name: String
    let value: String
  }

  private let remove: [String]
  private let rename: [Pair]
  private let replace: [Pair]
  private let add: [Pair]
  private let append: [Pair]

  init(_ configuration: ResponseTransformerPlugin.Configuration) {
    self.remove = configuration.remove.headers.map { Self.fieldName(NamedValue($0).name) }
    self.rename = Self.pairs(configuration.rename.headers).map { Pair(name: $0.name, value: Self.fieldName($0.value)) }
    self.replace = Self.pairs(configuration.replace.headers)
    self.add = Self.pairs(configuration.add.headers)
    self.append = Self.pairs(configuration.append.headers)
  }

  private static func pairs(_ entries: [String]) -> [Pair] {
    entries.compactMap { entry in
      let pair = NamedValue(entry)
      return pair.value.map { Pair(name: Self.fieldName(pair.name), value: $0) }
    }
  }

  /// Names of response headers are written with `-` for `_`, as OpenResty does.
  private static func fieldName(_ name: String) -> String { name.dashed }

  func apply(to response: ResponseView) {
    let renamed = self.rename.map { response.headers($0.name) }
    let replaced = self.replace.filter { response.header($0.name) != nil }
    let added = self.add.filter { response.header($0.name) == nil }
    for name in self.remove { response.clearHeader(name) }
    for (pair, values) in zip(self.rename, renamed) where !values.isEmpty {
      response.clearHeader(pair.name)
      response.setHeader(pair.value, values: values)
    }
    for pair in replaced { response.setHeader(pair.name, pair.value) }
    for pair in added { response.setHeader(pair.name, pair.value) }
    for pair in self.append { response.addHeader(pair.name, pair.value) }
  }
}
