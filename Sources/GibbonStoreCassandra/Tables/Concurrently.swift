// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

/// Runs `body` for each item, some at a time, and gives the results in the items' order. The first error ends it.
func concurrently<Item: Sendable, Value: Sendable>(
  _ items: [Item], atOnce limit: Int = 32, _ body: @escaping @Sendable (Item) async throws(StoreError) -> Value
) async throws(StoreError) -> [Value] {
  if items.count == 1 { return [try await body(items[0])] }
  let result: Result<[Value], StoreError> = await withTaskGroup(of: (Int, Result<Value, StoreError>).self) { group in
    var values = [Value?](repeating: nil, count: items.count)
    var next = 0
    var failure: StoreError?
    func start() {
      guard next < items.count, failure == nil else { return }
      let (index, item) = (next, items[next])
      next += 1
      group.addTask {
        do throws(StoreError) {
          return (index, .success(try await body(item)))
        } catch {
          return (index, .failure(error))
        }
      }
    }
    for _ in 0..<limit { start() }
    while let (index, outcome) = await group.next() {
      switch outcome {
      case .success(let value): values[index] = value
      case .failure(let error): failure = failure ?? error
      }
      start()
    }
    return failure.map { .failure($0) } ?? .success(values.compactMap { $0 })
  }
  return try result.get()
}

extension Array {
  /// In pieces of so many items at most.
  func pieces(of count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}
