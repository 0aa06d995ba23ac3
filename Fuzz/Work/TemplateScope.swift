// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// Stands for the request of a template: every value is the same text.
struct TemplateScope {
  var place = TemplatePlace.text
  var isFirst = false

  mutating func value(of reference: TemplateReference) throws(TemplateFault) -> JSONValue {
    .string(self.place.encoded("a/b c", isFirst: self.isFirst))
  }
}
