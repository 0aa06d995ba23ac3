// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel

extension HeaderEdits {
  /// What a service is told of who sent the request, the same for every authentication plugin. What the
  /// client claims of it itself is removed.
  ///
  /// - Parameter credential: what the credential is told by; nil for the consumer that stands for anonymous requests.
  static func identity(of consumer: Consumer?, credential: String?) -> HeaderEdits {
    var edits = HeaderEdits()
    edits.replaceIdentity()
    func values(_ value: String?) -> [String] { value.map { [$0] } ?? [] }
    edits.set("X-Consumer-ID", to: values(consumer.map { "\($0.id)" }))
    edits.set("X-Consumer-Custom-ID", to: values(consumer?.customID))
    edits.set("X-Consumer-Username", to: values(consumer?.username))
    edits.set("X-Credential-Identifier", to: values(credential))
    edits.set("X-Anonymous-Consumer", to: values(credential == nil ? "true" : nil))
    return edits
  }
}
