/* A small list of emoji with the words they are found by in both languages. The system's own picker has all others. */
radd.emoji = [
  ["🙂", "smile happy ابتسامة سعيد"], ["😊", "smile warm blush ابتسامة لطف"], ["😀", "grin happy ضحكة فرح"], ["😄", "laugh joy ضحك فرح"],
  ["😅", "sweat relief ارتياح"], ["😉", "wink غمزة"], ["😍", "love eyes حب إعجاب"], ["🤗", "hug welcome عناق ترحيب"],
  ["🤔", "think wonder تفكير"], ["😌", "relieved calm هدوء ارتياح"], ["😔", "sad sorry حزين أسف"], ["😞", "sad disappointed حزين خيبة"],
  ["😢", "cry tear دمعة بكاء"], ["😮", "surprise دهشة"], ["🙏", "thanks please pray شكرا رجاء دعاء"], ["👍", "yes good thumbs موافق جيد"],
  ["👎", "no bad thumbs سيئ"], ["👏", "clap bravo تصفيق أحسنت"], ["🙌", "hooray celebrate فرح احتفال"], ["👋", "hello wave مرحبا أهلا وداع"],
  ["🤝", "deal agree hands اتفاق مصافحة"], ["💪", "strong effort قوة"], ["👀", "look eyes نظر متابعة"], ["❤️", "heart love قلب حب"],
  ["💙", "heart blue قلب أزرق"], ["💚", "heart green قلب أخضر"], ["🌹", "rose flower وردة"], ["🌸", "flower blossom زهرة"],
  ["🎉", "party congratulations تهنئة مبروك"], ["🎁", "gift present هدية"], ["🌙", "moon ramadan هلال رمضان"], ["⭐", "star نجمة"],
  ["✨", "sparkle new جديد لمعان"], ["🔥", "fire hot نار"], ["✅", "done check yes تم صحيح"], ["❌", "no cross خطأ لا"],
  ["⚠️", "warning تحذير تنبيه"], ["ℹ️", "info معلومة"], ["❓", "question سؤال"], ["❗", "important مهم"],
  ["⏰", "clock time alarm ساعة وقت موعد"], ["⏳", "wait hourglass انتظار"], ["📅", "date calendar موعد تاريخ"], ["📍", "place location مكان موقع"],
  ["📞", "phone call هاتف اتصال"], ["📱", "mobile phone جوال"], ["📧", "mail email بريد"], ["💬", "message chat رسالة محادثة"],
  ["📦", "parcel box طرد شحنة"], ["🚚", "delivery truck توصيل شاحنة"], ["💳", "card pay بطاقة دفع"], ["🧾", "bill receipt فاتورة"],
  ["💰", "money refund مال استرداد"], ["🔧", "fix tool إصلاح أداة"], ["🛠️", "repair tools صيانة"], ["🔒", "lock private قفل خاص"],
  ["🔑", "key password مفتاح"], ["📶", "signal network شبكة إشارة"], ["💡", "idea light فكرة كهرباء"], ["🏠", "home house بيت منزل"],
];
